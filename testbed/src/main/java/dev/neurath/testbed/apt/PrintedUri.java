package dev.neurath.testbed.apt;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of {@code apt-get --print-uris}: a package file, and what it must weigh and hash to.
 *
 * @param sha256 lower case hex; a line without it is refused, since nothing unchecked may be unpacked
 */
public record PrintedUri(String uri, String fileName, long size, String sha256) {
    private static final Pattern LINE = Pattern.compile("'([^']+)' (\\S+) (\\d+) ?(\\S*)");

    public static List<PrintedUri> parse(String output) throws IOException {
        List<PrintedUri> uris = new ArrayList<>();
        for (String line : output.lines().toList()) {
            // Around the lines wanted stands talk ("Reading package lists..."), also with -qq.
            Matcher matcher = LINE.matcher(line.strip());
            if (!matcher.matches()) {
                continue;
            }
            String hash = matcher.group(4);
            if (!hash.startsWith("SHA256:")) {
                throw new IOException("apt gave no SHA256 for " + matcher.group(2) + ": '" + hash + "'");
            }
            // The name is used as a file name below a directory of ours: apt writes none with a slash.
            if (matcher.group(2).contains("/")) {
                throw new IOException("not a file name: " + matcher.group(2));
            }
            uris.add(new PrintedUri(
                    matcher.group(1), matcher.group(2), Long.parseLong(matcher.group(3)), hash.substring(7)));
        }
        return uris;
    }
}
