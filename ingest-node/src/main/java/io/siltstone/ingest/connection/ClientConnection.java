package io.siltstone.ingest.connection;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * Who sent a request, and where its connection lives.
 *
 * @param id names the connection among those of this node, for logs and sessions
 * @param address of the client
 * @param port of the client
 * @param principal whom the client proved to be
 * @param listener through which it came in
 * @param securityProtocol of that listener
 * @param end tells when the client is gone
 * @param eventLoop on which the connection's requests are handed out and its answers written
 */
public record ClientConnection(
        String id,
        InetAddress address,
        int port,
        KafkaPrincipal principal,
        ListenerName listener,
        SecurityProtocol securityProtocol,
        ConnectionEnd end,
        EventLoop eventLoop) {}
