package dev.neurath.cli.link;

import dev.neurath.cli.CliFailure;
import dev.neurath.cli.ExitCode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/** Where a coordinator node's API listens. */
public record ServerAddress(String host, int port) {
    public static final String DEFAULT = "127.0.0.1:7601";

    /** {@code HOST:PORT[,HOST:PORT…]}; IPv6 hosts in brackets. */
    public static List<ServerAddress> parseAll(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .map(ServerAddress::parse)
                .toList();
    }

    static ServerAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String digits = text.substring(colon + 1);
        if (colon < 1 || !digits.matches("[0-9]{1,5}") || Integer.parseInt(digits) > 65535) {
            throw CliFailure.of(
                    ExitCode.USAGE,
                    "'" + text + "' is not the address of a server",
                    "--server HOST:PORT[,HOST:PORT…], for example --server " + DEFAULT);
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        return new ServerAddress(host, Integer.parseInt(digits));
    }

    /** Whether only this machine answers there. A name that does not resolve is answered for by nobody. */
    boolean isLoopback() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
