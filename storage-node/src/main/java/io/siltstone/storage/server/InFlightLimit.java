package io.siltstone.storage.server;

import io.netty.channel.Channel;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Bounds the bytes of requests that are held, per connection and in all: above a limit the socket is not read. Owned by
 * the event loop.
 */
final class InFlightLimit {

    private final long maxBytes;
    private final long maxConnectionBytes;
    private final Set<Account> paused = new LinkedHashSet<>();
    private long bytes;

    InFlightLimit(long maxBytes, long maxConnectionBytes) {
        this.maxBytes = maxBytes;
        this.maxConnectionBytes = maxConnectionBytes;
    }

    long bytes() {
        return bytes;
    }

    int pausedConnections() {
        return paused.size();
    }

    Account open(Channel channel) {
        return new Account(channel);
    }

    /** What one connection holds. */
    final class Account {
        private final Channel channel;
        private long held;
        private boolean blocked;

        private Account(Channel channel) {
            this.channel = channel;
        }

        void take(long taken) {
            held += taken;
            bytes += taken;
            if (held >= maxConnectionBytes || bytes >= maxBytes) {
                pause();
            }
        }

        void release(long released) {
            held -= released;
            bytes -= released;
            resumePaused();
        }

        /** Its answers are not taken; it is not read until they are. */
        void blocked(boolean nowBlocked) {
            blocked = nowBlocked;
            if (blocked) {
                pause();
            } else {
                resumePaused();
            }
        }

        private void pause() {
            if (paused.add(this)) {
                channel.config().setAutoRead(false);
            }
        }

        private boolean mayResume() {
            return !blocked && held <= maxConnectionBytes / 2;
        }

        void closed() {
            paused.remove(this);
        }
    }

    private void resumePaused() {
        if (paused.isEmpty() || bytes > maxBytes / 2) {
            return;
        }
        paused.removeIf(account -> {
            boolean resumes = account.mayResume();
            if (resumes) {
                account.channel.config().setAutoRead(true);
            }
            return resumes;
        });
    }
}
