package io.siltstone.storage.server;

import io.siltstone.storage.replica.Background;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One thread for work of one kind. Its queue is short: the core has one piece under way at most. */
final class BackgroundThread implements Background {

    private final ExecutorService thread;
    private final Executor loop;

    BackgroundThread(String name, Executor loop) {
        this.loop = loop;
        thread = Executors.newSingleThreadExecutor(task -> {
            Thread created = new Thread(task, name);
            created.setDaemon(true);
            return created;
        });
    }

    @Override
    public <T> void run(Work<T> work, Consumer<T> done, Consumer<IOException> failed) {
        thread.execute(() -> {
            T result;
            try {
                result = work.run();
            } catch (IOException failure) {
                loop.execute(() -> failed.accept(failure));
                return;
            } catch (RuntimeException | Error broken) {
                loop.execute(() -> failed.accept(new IOException("background work failed", broken)));
                return;
            }
            loop.execute(() -> done.accept(result));
        });
    }

    void stop() throws InterruptedException {
        thread.shutdown();
        thread.awaitTermination(10, TimeUnit.SECONDS);
    }
}
