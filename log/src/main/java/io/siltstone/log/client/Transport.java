package io.siltstone.log.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;

/** Port: how a connection to a storage node is made. The one place where it is secured, and where it gets a name. */
public interface Transport {

    /** A bootstrap on the loop with channel type, options and name resolution, but no handler. */
    Bootstrap bootstrap(EventLoop loop);

    /** Adds to the empty pipeline what secures the connection; nothing where it is plain. */
    void secure(Channel channel, DiskAddress peer);

    /** Who is calling, as storage nodes log and limit it. */
    String principal();
}
