package io.siltstone.cli.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds ports to listen at. They lie below the range from which operating systems take the ports of outgoing
 * connections: a node that is down must find its port free again when it returns.
 */
final class FreePorts {
    private static final int LOWEST = 10_000;
    private static final int EPHEMERAL = 32_768;

    private final Set<Integer> taken;
    private int next;

    /** Searches upwards from {@code start}, never giving out one of {@code taken}. */
    FreePorts(int start, Collection<Integer> taken) {
        this.taken = new HashSet<>(taken);
        this.next = start;
    }

    /** A port at which nobody listens on loopback, another one at each call. */
    int take() {
        for (int tried = LOWEST; tried < EPHEMERAL; tried++) {
            int port = next >= LOWEST && next < EPHEMERAL ? next : LOWEST;
            next = port + 1;
            if (isFree(port) && taken.add(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port between " + LOWEST + " and " + EPHEMERAL);
    }

    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
