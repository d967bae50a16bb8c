-- Statements as they are typed into Redshift.

CREATE TABLE users (
  userid        INTEGER NOT NULL DISTKEY SORTKEY,
  username      CHAR(8),
  firstname     VARCHAR(30),
  lastname      VARCHAR(30),
  city          VARCHAR(30),
  state         CHAR(2),
  email         VARCHAR(100),
  phone         CHAR(14),
  likesports    BOOLEAN,
  liketheatre   BOOLEAN,
  likeconcerts  BOOLEAN,
  likejazz      BOOLEAN,
  likeclassical BOOLEAN,
  likeopera     BOOLEAN,
  likerock      BOOLEAN,
  likevegas     BOOLEAN,
  likebroadway  BOOLEAN,
  likemusicals  BOOLEAN
);

COPY users
FROM 's3://wildrydes-lab-redshift/tickit/allusers_pipe.txt'
IAM_ROLE 'arn:aws:iam::123456789012:role/redshift-reads-s3'
DELIMITER '|'
REGION 'us-east-1';

-- Users
SELECT count(*) AS users FROM users;

-- Users who like Vegas and sports
SELECT count(*) AS vegas_and_sports FROM users WHERE likevegas AND likesports;

-- Users who like Vegas or sports
SELECT count(*) AS vegas_or_sports FROM users WHERE likevegas OR likesports;

-- A blank is no FALSE: users by what they said of Vegas and of sports
SELECT likevegas, likesports, count(*) AS users
FROM users
GROUP BY likevegas, likesports
ORDER BY likevegas NULLS LAST, likesports NULLS LAST;

-- The ten states with the most users who like Vegas and sports
SELECT state, count(*) AS fans
FROM users
WHERE likevegas AND likesports
GROUP BY state
ORDER BY fans DESC, state
LIMIT 10;

-- Who to write to in Nevada: the first ten
SELECT username, firstname, lastname, city, email
FROM users
WHERE likevegas AND likesports AND state = 'NV'
ORDER BY lastname, firstname, userid
LIMIT 10;
