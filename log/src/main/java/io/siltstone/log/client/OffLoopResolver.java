package io.siltstone.log.client;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Looks names up by the JDK on a thread of its own, since that blocks. One thread for the process; past its queue of
 * lookups a connection attempt fails.
 */
final class OffLoopResolver extends AddressResolverGroup<InetSocketAddress> {

    static final OffLoopResolver INSTANCE = new OffLoopResolver();

    private static final int MAX_WAITING = 1_000;

    private final ExecutorService lookups = lookups();

    private OffLoopResolver() {}

    private static ExecutorService lookups() {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING), task -> {
                    Thread thread = new Thread(task, "siltstone-name-lookup");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new NameResolver(executor).asAddressResolver();
    }

    private final class NameResolver extends InetNameResolver {

        NameResolver(EventExecutor executor) {
            super(executor);
        }

        @Override
        protected void doResolve(String host, Promise<InetAddress> promise) {
            lookUp(promise, () -> promise.trySuccess(InetAddress.getByName(host)));
        }

        @Override
        protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
            lookUp(promise, () -> promise.trySuccess(List.of(InetAddress.getAllByName(host))));
        }

        private void lookUp(Promise<?> promise, Lookup lookup) {
            try {
                lookups.execute(() -> {
                    try {
                        lookup.run();
                    } catch (UnknownHostException unknown) {
                        promise.tryFailure(unknown);
                    }
                });
            } catch (RejectedExecutionException full) {
                promise.tryFailure(full);
            }
        }
    }

    @FunctionalInterface
    private interface Lookup {
        void run() throws UnknownHostException;
    }
}
