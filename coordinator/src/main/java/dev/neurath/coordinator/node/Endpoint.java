package dev.neurath.coordinator.node;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * Where something listens.
 *
 * @param port 0 = a free one, known after binding
 */
public record Endpoint(String host, int port) {
    /** @throws IllegalArgumentException with a sentence that names the text */
    public static Endpoint parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (port < 0 || port > 65535 || (colon >= 0 && host.isEmpty())) {
                throw new NumberFormatException();
            }
            return new Endpoint(colon < 0 ? "127.0.0.1" : host, port);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "'%s' is not HOST:PORT with a port from 0 (a free one) to 65535".formatted(text), e);
        }
    }

    public Endpoint withPort(int newPort) {
        return new Endpoint(host, newPort);
    }

    public InetSocketAddress socketAddress() {
        return new InetSocketAddress(host, port);
    }

    /** Whether only this machine can reach it. A name that does not resolve is not. */
    public boolean isLoopback() {
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
