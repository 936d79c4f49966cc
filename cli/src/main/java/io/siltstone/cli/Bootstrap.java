package io.siltstone.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** The Kafka bootstrap address that a command was given, tried before a client waits for it in vain. */
public final class Bootstrap {
    private static final int CONNECT_TIMEOUT_MS = 3_000;

    private Bootstrap() {}

    /**
     * The address as it was given, {@code HOST:PORT,...}.
     *
     * @throws UsageException where it is none
     * @throws IllegalStateException where nobody listens at any of its parts
     */
    public static String reachable(String address) {
        String failures = "";
        for (String part : address.split(",", -1)) {
            int colon = part.lastIndexOf(':');
            if (colon < 1 || !part.substring(colon + 1).matches("\\d{1,5}")) {
                throw new UsageException("--bootstrap " + address + " is not HOST:PORT or several of them");
            }
            String host = part.substring(0, colon).replaceAll("[\\[\\]]", "");
            try (Socket socket = new Socket()) {
                socket.connect(
                        new InetSocketAddress(host, Integer.parseInt(part.substring(colon + 1))), CONNECT_TIMEOUT_MS);
                return address;
            } catch (IOException | IllegalArgumentException e) {
                failures += (failures.isEmpty() ? "" : ", ") + part + ": " + e.getMessage();
            }
        }
        throw new IllegalStateException(
                "no cluster answers (" + failures + "); is it running, and is --bootstrap right?");
    }
}
