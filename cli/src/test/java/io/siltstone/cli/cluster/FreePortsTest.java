package io.siltstone.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

class FreePortsTest {
    @Test
    void givesEachPortOnce() {
        FreePorts ports = new FreePorts(21_000, List.of());

        assertThat(ports.take()).isNotEqualTo(ports.take());
    }

    @Test
    void passesOverPortsThatAreSpokenFor() {
        int first = new FreePorts(21_000, List.of()).take();

        assertThat(new FreePorts(21_000, List.of(first)).take()).isNotEqualTo(first);
    }

    @Test
    void passesOverAPortAtWhichSomebodyListens() throws Exception {
        int port = new FreePorts(22_000, List.of()).take();
        try (ServerSocket listener = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(new FreePorts(port, List.of()).take()).isNotEqualTo(listener.getLocalPort());
        }
    }

    @Test
    void staysBelowThePortsOfOutgoingConnections() {
        assertThat(new FreePorts(60_000, List.of()).take()).isBetween(10_000, 32_767);
    }
}
