package io.siltstone.storage.server;

import io.netty.channel.Channel;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Bounds the bytes of requests that are held, per connection and in all. Owned by the event loop.
 *
 * <p>At half a bound the socket is not read, so that a writer is slowed and loses nothing. Whatever else the connection
 * asks stands behind its appends; so when no room comes for {@link #PATIENCE_MS} the socket is read again, and what would
 * have to be held is refused until there is room. What would pass a bound is refused at once.
 *
 * <p>Invariant: what is held never passes a bound, where a bound is at least two of the largest frames; a connection
 * itself holds no more than the one frame that is arriving.
 */
final class InFlightLimit {

    /** Shorter than the time after which clients give up a frame or a request without an answer. */
    static final long PATIENCE_MS = 2_000;

    /** What an entry takes beside its payload: its header as it came, and as it waits for the journal. */
    private static final int ENTRY_BYTES = 384;

    private final long maxBytes;
    private final long maxConnectionBytes;
    private final LongSupplier clockMs;
    private final Set<Account> holding = new LinkedHashSet<>();
    private final Set<Account> unread = new LinkedHashSet<>();
    private final Set<Account> refusing = new LinkedHashSet<>();
    private long bytes;

    /** @param clockMs monotonic, in milliseconds */
    InFlightLimit(long maxBytes, long maxConnectionBytes, LongSupplier clockMs) {
        this.maxBytes = maxBytes;
        this.maxConnectionBytes = maxConnectionBytes;
        this.clockMs = clockMs;
    }

    /** Memory that a frame holds. */
    static long heldBytes(int payloadBytes, int entries) {
        return payloadBytes + (long) entries * ENTRY_BYTES;
    }

    long bytes() {
        return bytes;
    }

    int pausedConnections() {
        return unread.size();
    }

    Account open(Channel channel) {
        return new Account(channel);
    }

    /** Reads sockets again that were not read for too long; call it some times a second. */
    void losePatience() {
        long since = clockMs.getAsLong() - PATIENCE_MS;
        for (Account account : List.copyOf(unread)) {
            if (!account.blocked && account.pausedAtMs <= since) {
                unread.remove(account);
                refusing.add(account);
                account.channel.config().setAutoRead(true);
            }
        }
    }

    /** What one connection holds. */
    final class Account {
        private final Channel channel;
        private long held;
        private boolean blocked;
        private boolean closed;
        private long pausedAtMs;

        private Account(Channel channel) {
            this.channel = channel;
        }

        /** Tells false where it has to be refused, and nothing was taken. */
        boolean take(long wanted) {
            if (refusing.contains(this)
                    || isAbove(bytes, wanted, maxBytes)
                    || isAbove(held, wanted, maxConnectionBytes)) {
                return false;
            }
            held += wanted;
            bytes += wanted;
            holding.add(this);
            if (bytes >= maxBytes / 2) {
                holding.forEach(Account::pause);
            } else if (held >= maxConnectionBytes / 2) {
                pause();
            }
            return true;
        }

        private boolean isAbove(long before, long wanted, long limit) {
            return before >= limit / 2 && before + wanted > limit;
        }

        void release(long released) {
            held -= released;
            bytes -= released;
            if (held == 0) {
                holding.remove(this);
            }
            resume();
        }

        /** Its answers are not taken; it is not read until they are. */
        void blocked(boolean nowBlocked) {
            blocked = nowBlocked;
            if (blocked) {
                refusing.remove(this);
                pause();
            } else {
                resume();
            }
        }

        private void pause() {
            if (!closed && !refusing.contains(this) && unread.add(this)) {
                pausedAtMs = clockMs.getAsLong();
                channel.config().setAutoRead(false);
            }
        }

        private boolean mayResume() {
            return !blocked && held <= maxConnectionBytes / 4;
        }

        /** There is no socket to read any more; what is held counts until it is released. */
        void closed() {
            closed = true;
            unread.remove(this);
            refusing.remove(this);
        }
    }

    private void resume() {
        if ((unread.isEmpty() && refusing.isEmpty()) || bytes > maxBytes / 4) {
            return;
        }
        refusing.removeIf(Account::mayResume);
        for (Account account : List.copyOf(unread)) {
            if (account.mayResume()) {
                unread.remove(account);
                account.channel.config().setAutoRead(true);
            }
        }
    }
}
