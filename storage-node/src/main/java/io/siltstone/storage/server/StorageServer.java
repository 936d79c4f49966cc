package io.siltstone.storage.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.wire.FramePipeline;
import io.siltstone.log.wire.SocketTransport;
import io.siltstone.log.wire.WireProtocol;
import io.siltstone.log.wire.proto.Request;
import io.siltstone.metadata.DiskRoom;
import io.siltstone.storage.journal.JournalFiles;
import io.siltstone.storage.journal.JournalSettings;
import io.siltstone.storage.journal.JournalSpace;
import io.siltstone.storage.replica.ReplicaCore;
import io.siltstone.storage.replica.ReplicaEngine;
import io.siltstone.storage.replica.ReplicaRules;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One disk served over TCP. One event loop owns the core and every connection; the journal thread writes and forces. Its
 * public methods may be called from any thread.
 */
public final class StorageServer {

    private static final Logger LOG = LoggerFactory.getLogger(StorageServer.class);
    private static final int MAX_WAITING_READS = 256;
    private static final int MAINTENANCE_MS = 200;
    private static final int STOP_MS = 10_000;

    private final StorageServerSettings settings;
    private final ByteBufAllocator buffers;
    private final ServerMetrics metrics;
    private final Consumer<Throwable> fatal;
    private final EventLoopGroup group;
    private final EventLoop loop;
    private final ReadPool reads;
    private final BackgroundThread files;
    private final BackgroundThread checkpoints;
    private final ReplicaEngine engine;
    private final JournalThread journal;
    private final InFlightLimit limit;
    private final Set<Channel> connections = new LinkedHashSet<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private long readingBytes;
    private @Nullable Channel listening;

    /**
     * Brings the disk to life; returns when everything that counts is durable. Serves nobody before {@link #listen}.
     *
     * @param fatal called once, on any thread, when the disk failed: the process must end at once
     */
    public StorageServer(
            StorageServerSettings settings,
            JournalSettings journalSettings,
            JournalFiles folder,
            ServerMetrics metrics,
            Consumer<Throwable> fatal)
            throws IOException {
        this(settings, journalSettings, folder, metrics, PooledByteBufAllocator.DEFAULT, fatal);
    }

    /** The same with buffers of its own for what connections send and for what is read. */
    StorageServer(
            StorageServerSettings settings,
            JournalSettings journalSettings,
            JournalFiles folder,
            ServerMetrics metrics,
            ByteBufAllocator buffers,
            Consumer<Throwable> fatal)
            throws IOException {
        this.settings = settings;
        this.buffers = buffers;
        this.metrics = metrics;
        this.fatal = fatal;
        String name = "storage-" + settings.node();
        group = new MultiThreadIoEventLoopGroup(
                1,
                new DefaultThreadFactory(name + "-loop"),
                SocketTransport.best().ioHandlers());
        loop = group.next();
        reads = new ReadPool(name + "-read", settings.readThreads(), MAX_WAITING_READS, buffers, this::onLoop);
        files = new BackgroundThread(name + "-files", this::onLoop);
        checkpoints = new BackgroundThread(name + "-checkpoints", this::onLoop);
        limit = new InFlightLimit(
                settings.maxInFlightBytes(),
                settings.maxConnectionBytes(),
                () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
        long start = System.nanoTime();
        try {
            engine = ReplicaEngine.start(
                    folder,
                    settings.disk(),
                    journalSettings,
                    new ReplicaRules(),
                    new SecureRandom(),
                    reads,
                    files,
                    checkpoints,
                    this::failed);
        } catch (IOException | RuntimeException unusable) {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw unusable;
        }
        journal = new JournalThread(name + "-journal", engine, this::onLoop, metrics::forced, this::failed);
        LOG.info(
                "Disk {} is ready after {} ms: {} segments, {} live bytes",
                settings.disk(),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start),
                engine.core().segmentCount(),
                engine.space().liveBytes());
    }

    /** Accepts connections from now on; tells the port. */
    public int listen() throws IOException {
        journal.start();
        loop.execute(this::maintain);
        Channel bound;
        try {
            bound = new ServerBootstrap()
                    .group(group)
                    .channel(SocketTransport.best().serverSocketChannel())
                    .option(ChannelOption.SO_REUSEADDR, true)
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .childOption(ChannelOption.ALLOCATOR, buffers)
                    .childHandler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel channel) {
                            FramePipeline.install(channel, Request.parser());
                            channel.pipeline().addLast(new StorageConnection(StorageServer.this));
                        }
                    })
                    .bind(settings.host(), settings.port())
                    .sync()
                    .channel();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while binding", stopped);
        }
        listening = bound;
        return ((InetSocketAddress) bound.localAddress()).getPort();
    }

    private void maintain() {
        if (!ended.get()) {
            engine.maintain();
            limit.losePatience();
            metrics.sample(limit.bytes(), engine.queuedBytes(), reads.waiting(), limit.pausedConnections(), engine);
            wakeJournal();
            loop.schedule(this::maintain, MAINTENANCE_MS, TimeUnit.MILLISECONDS);
        }
    }

    private void failed(Throwable failure) {
        if (ended.compareAndSet(false, true)) {
            LOG.error("Disk {} failed; the node stops at once", settings.disk(), failure);
            fatal.accept(failure);
        }
    }

    /** Something comes back to the core, which may then have more for the journal. */
    private void onLoop(Runnable task) {
        loop.execute(() -> {
            task.run();
            wakeJournal();
        });
    }

    /** The partitions of which the disk holds a segment. */
    public CompletableFuture<List<PartitionId>> heldPartitions() {
        return ask(() -> engine.core().heldPartitions());
    }

    /** Drops the partition's segments below the number; done when that is durable. */
    public CompletableFuture<Void> drop(PartitionId partition, long below) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        onLoop(() -> engine.core().drop(partition, below, () -> done.complete(null)));
        return done;
    }

    /** Whether the disk takes appends: it is not above its mark. */
    public CompletableFuture<Boolean> isWritable() {
        return ask(() -> engine.space().admitsAppends(engine.queuedBytes()));
    }

    /** How much more the disk takes from writers. */
    public CompletableFuture<DiskRoom> room() {
        return ask(() -> new DiskRoom(
                engine.space().roomBytes(engine.queuedBytes()), engine.space().capacityBytes()));
    }

    private <T> CompletableFuture<T> ask(Callable<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                answer.complete(question.call());
            } catch (Exception failure) {
                answer.completeExceptionally(failure);
            }
        });
        return answer;
    }

    /** Takes no more, makes durable what was taken, writes a checkpoint, closes. */
    public void stop() {
        try {
            if (listening != null) {
                listening.close().sync();
            }
            ask(() -> {
                        List.copyOf(connections).forEach(Channel::close);
                        return true;
                    })
                    .get(STOP_MS, TimeUnit.MILLISECONDS);
            boolean flushed = journal.stop(STOP_MS);
            if (flushed && !ended.get()) {
                CompletableFuture<Void> written = new CompletableFuture<>();
                loop.execute(() -> checkpoint(written));
                written.get(STOP_MS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException incomplete) {
            LOG.warn("Stopped without a last checkpoint; the next start reads more", incomplete);
        } finally {
            close();
        }
    }

    private void checkpoint(CompletableFuture<Void> written) {
        if (engine.isCheckpointing()) {
            loop.schedule(() -> checkpoint(written), 1, TimeUnit.MILLISECONDS);
        } else {
            ended.set(true);
            engine.checkpoint(() -> written.complete(null));
        }
    }

    private void close() {
        engine.stop();
        try {
            files.stop();
            checkpoints.stop();
            reads.stop();
            group.shutdownGracefully(0, 2, TimeUnit.SECONDS).await(STOP_MS);
            engine.close();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (IOException failure) {
            LOG.warn("Closing the journal's files failed", failure);
        }
    }

    /** Why a connection is not welcome; null where it is. */
    @Nullable
    String refusal(int version, String clusterId, DiskId disk) {
        if (version != WireProtocol.VERSION) {
            return "version " + version + " is not spoken here, but " + WireProtocol.VERSION;
        }
        if (!clusterId.equals(settings.clusterId())) {
            return "this is cluster " + settings.clusterId() + ", not " + clusterId;
        }
        return disk.equals(settings.disk()) ? null : "this is disk " + settings.disk() + ", not " + disk;
    }

    /** Tells false where it has to be refused. One read is let in however much it takes, so that each can be answered. */
    boolean takeReadBytes(long bytes) {
        if (readingBytes > 0 && readingBytes + bytes > settings.maxReadingBytes()) {
            return false;
        }
        readingBytes += bytes;
        return true;
    }

    void releaseReadBytes(long bytes) {
        readingBytes -= bytes;
    }

    void wakeJournal() {
        journal.wake();
    }

    void opened(Channel channel) {
        connections.add(channel);
    }

    void closed(Channel channel) {
        connections.remove(channel);
    }

    StorageServerSettings settings() {
        return settings;
    }

    ReplicaCore core() {
        return engine.core();
    }

    JournalSpace space() {
        return engine.space();
    }

    InFlightLimit limit() {
        return limit;
    }

    ServerMetrics metrics() {
        return metrics;
    }
}
