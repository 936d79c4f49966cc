package io.siltstone.log.client;

import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.WireMapping;
import io.siltstone.log.wire.proto.Segment;
import io.siltstone.log.writer.Replicas.AppendListener;
import io.siltstone.log.writer.Replicas.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The appends of one segment to one disk. Confined to the loop of its link.
 *
 * <p>Invariants: entries go out in dense order while it is sending; once it ended, it sends and tells nothing more, so
 * that no gap can arise.
 */
final class SegmentStream {

    private static final Logger LOG = LoggerFactory.getLogger(SegmentStream.class);

    private final SegmentId id;
    private final DiskId disk;
    private final Segment message;
    private final AppendListener listener;
    private long lastTaken = -1;
    private long lastAcknowledged = -1;
    private long refusedFrom = Long.MAX_VALUE;
    private boolean refused;
    private boolean sending = true;
    private boolean silent;
    private long frame;
    private int placeInFrame;

    SegmentStream(SegmentId id, DiskId disk, AppendListener listener) {
        this.id = id;
        this.disk = disk;
        this.listener = listener;
        message = WireMapping.toMessage(id);
    }

    SegmentId id() {
        return id;
    }

    /** Takes the entry as the next one, or tells that it is not to be sent. */
    boolean take(EntryHeader header) {
        if (!sending) {
            return false;
        }
        if (lastTaken >= 0 && header.entry() != lastTaken + 1) {
            throw new IllegalStateException(
                    "entry " + header.entry() + " of " + id + " was appended after entry " + lastTaken);
        }
        if (lastTaken < 0) {
            lastAcknowledged = header.entry() - 1;
        }
        lastTaken = header.entry();
        return true;
    }

    io.siltstone.log.wire.proto.EntryHeader message(EntryHeader header) {
        return WireMapping.toMessage(header, message);
    }

    /**
     * Where the segment stands among those of a frame that is being filled.
     *
     * @param next where it comes to stand if it is not yet among them
     */
    int place(long ofFrame, int next) {
        if (frame != ofFrame) {
            frame = ofFrame;
            placeInFrame = next;
        }
        return placeInFrame;
    }

    boolean hasUnacknowledged() {
        return sending && lastAcknowledged < lastTaken;
    }

    /** A frame is fsynced whose last entry of this segment is the given one. */
    void framed(long lastEntry) {
        lastAcknowledged = Math.max(lastAcknowledged, Math.min(lastEntry, refusedFrom - 1));
    }

    void tellAcknowledged(long before) {
        if (silent || lastAcknowledged <= before) {
            return;
        }
        try {
            listener.acknowledged(disk, lastAcknowledged);
        } catch (RuntimeException broken) {
            end(broken);
        }
    }

    long lastAcknowledged() {
        return lastAcknowledged;
    }

    /** Nothing from this entry on is taken; true where that is the first word of it. */
    boolean refuse(long fromEntry) {
        boolean news = !refused;
        refused = true;
        refusedFrom = Math.min(refusedFrom, fromEntry);
        sending = false;
        return news;
    }

    void tellRefused(Refusal why) {
        if (silent) {
            return;
        }
        try {
            listener.refused(disk, why);
        } catch (RuntimeException broken) {
            end(broken);
        }
    }

    /** What is not acknowledged is unknown for ever. */
    void lose() {
        sending = false;
    }

    void tellLost(String why) {
        if (silent) {
            return;
        }
        try {
            listener.linkLost(disk, why);
        } catch (RuntimeException broken) {
            end(broken);
        }
    }

    /** A segment whose writer fails must not take the link, and so all others, with it. */
    private void end(RuntimeException broken) {
        LOG.error("The writer of segment {} failed on an answer of disk {}; it is sent nothing more", id, disk, broken);
        forget();
    }

    /** Sends nothing more; what was sent may still be acknowledged. */
    void abandon() {
        sending = false;
    }

    void forget() {
        sending = false;
        silent = true;
    }
}
