import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What RegexSerDe does with a line: standard input has a pattern and a text a line, in hexadecimal of
 * UTF-8; standard output "none", "refused", or the groups of the whole match, "null" for one that
 * took no part.
 */
public class Groups {
    public static void main(String[] arguments) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null; ) {
            String[] parts = line.split(" ", -1);
            System.out.println(groups(text(parts[0]), text(parts[1])));
        }
    }

    static String groups(String pattern, String text) {
        Matcher matcher;
        try {
            matcher = Pattern.compile(pattern).matcher(text);
        } catch (PatternSyntaxException error) {
            return "refused";
        }
        if (!matcher.matches()) {
            return "none";
        }
        StringBuilder out = new StringBuilder("groups");
        for (int group = 1; group <= matcher.groupCount(); group++) {
            String found = matcher.group(group);
            out.append(' ').append(found == null ? "null" : hex(found));
        }
        return out.toString();
    }

    static String text(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
    }

    static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }
}
