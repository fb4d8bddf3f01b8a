package dev.neurath.identity;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Binary things as text, RFC 7468: what stands around them is ignored, as that RFC wants it. */
public final class Pem {
    private static final int LINE = 64;

    private Pem() {}

    /** @throws IllegalArgumentException for what is not Base64 */
    public static List<byte[]> blocks(String label, String text) {
        Pattern block = Pattern.compile(
                "-----BEGIN " + Pattern.quote(label) + "-----(.*?)-----END " + Pattern.quote(label) + "-----",
                Pattern.DOTALL);
        var found = new ArrayList<byte[]>();
        for (Matcher matcher = block.matcher(text); matcher.find(); ) {
            found.add(Base64.getMimeDecoder().decode(matcher.group(1)));
        }
        return found;
    }

    public static String block(String label, byte[] content) {
        String lines = Base64.getMimeEncoder(LINE, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(content);
        return "-----BEGIN " + label + "-----\n" + lines + "\n-----END " + label + "-----\n";
    }
}
