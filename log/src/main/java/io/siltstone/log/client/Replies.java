package io.siltstone.log.client;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.wire.Crc32c;
import io.siltstone.log.wire.Frame;
import io.siltstone.log.wire.FrameException;
import io.siltstone.log.wire.WireMapping;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.log.wire.proto.DiskStatus;
import io.siltstone.log.wire.proto.Reply;
import io.siltstone.log.wire.proto.SegmentStat;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.log.writer.Replicas.Entry;
import io.siltstone.log.writer.Replicas.SegmentStanding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What a storage node's replies mean to who asked. Pure. */
final class Replies {

    private Replies() {}

    /** The answer that the frame gives, by the reading of a reply that says OK. A frame that says nonsense is a failure. */
    static <T> Answer<T> read(Answer<Frame<Reply>> answer, Function<Frame<Reply>, Answer<T>> whereOk) {
        if (answer instanceof Answer.Failed<Frame<Reply>> failed) {
            return new Answer.Failed<>(failed.why());
        }
        if (!(answer instanceof Answer.Ok<Frame<Reply>> ok)) {
            return new Answer.Unknown<>();
        }
        Reply reply = ok.value().header();
        try {
            return switch (reply.getCode()) {
                case OK -> whereOk.apply(ok.value());
                case UNKNOWN, NO_SUCH_SEGMENT, WRONG_DISK -> new Answer.Unknown<>();
                case FENCED, OUT_OF_ORDER, CONFLICT, CORRUPT, BUSY, INVALID, UNRECOGNIZED ->
                    new Answer.Failed<>("the node answers " + reply.getCode() + ": " + reply.getMessage());
            };
        } catch (FrameException nonsense) {
            return new Answer.Failed<>("the answer makes no sense: " + nonsense.getMessage());
        }
    }

    /** After Fence, and after a write past it: OK says that the segment is fenced as asked. */
    static Answer<SegmentStanding> fenced(Frame<Reply> frame) {
        SegmentStat stat = onlyStat(frame);
        return switch (stat.getCode()) {
            case OK -> new Answer.Ok<>(standing(stat, true));
            case UNKNOWN -> new Answer.Unknown<>();
            case FENCED -> new Answer.Failed<>("a later epoch has fenced it, or it was dropped");
            case NO_SUCH_SEGMENT, OUT_OF_ORDER, CONFLICT, CORRUPT, BUSY, WRONG_DISK, INVALID, UNRECOGNIZED ->
                new Answer.Failed<>("the node answers " + stat.getCode());
        };
    }

    /** A healthy disk that was never written to holds an unfenced segment without entries. */
    static Answer<SegmentStanding> standing(Frame<Reply> frame) {
        SegmentStat stat = onlyStat(frame);
        return switch (stat.getCode()) {
            case OK -> new Answer.Ok<>(standing(stat, false));
            case FENCED -> new Answer.Ok<>(standing(stat, true));
            case NO_SUCH_SEGMENT -> new Answer.Ok<>(new SegmentStanding(false, -1, -1, 0, -1));
            case UNKNOWN -> new Answer.Unknown<>();
            case OUT_OF_ORDER, CONFLICT, CORRUPT, BUSY, WRONG_DISK, INVALID, UNRECOGNIZED ->
                new Answer.Failed<>("the node answers " + stat.getCode());
        };
    }

    private static SegmentStat onlyStat(Frame<Reply> frame) {
        List<SegmentStat> stats = frame.header().getStats().getSegmentsList();
        if (stats.size() != 1) {
            throw new FrameException("asked about one segment, told of " + stats.size());
        }
        return stats.get(0);
    }

    private static SegmentStanding standing(SegmentStat stat, boolean fenced) {
        return new SegmentStanding(
                fenced, stat.getLastEntry(), stat.getLastConfirmed(), stat.getEndOffset(), stat.getSnapshotEntry());
    }

    /** The entries, each checked against its CRC32C and with a reference of its own. */
    static Answer<List<Entry>> entries(Frame<Reply> frame) {
        List<Entry> entries = new ArrayList<>();
        try {
            WireMapping.forEachEntry(
                    frame.header().getEntries().getEntriesList(),
                    frame.payload(),
                    (header, payload) -> entries.add(checked(header, payload)));
        } catch (FrameException corrupt) {
            entries.forEach(entry -> entry.payload().release());
            throw corrupt;
        }
        return new Answer.Ok<>(entries);
    }

    private static Entry checked(EntryHeader header, ByteBuf payload) {
        int crc = Crc32c.of(payload);
        if (crc != header.crc()) {
            throw new FrameException("entry " + header.entry() + " of " + header.segment() + " arrived with CRC32C "
                    + Integer.toHexString(crc) + ", its header says " + Integer.toHexString(header.crc()));
        }
        return new Entry(header, payload.retain());
    }

    static Answer<List<SegmentReport>> reports(Frame<Reply> frame) {
        return new Answer.Ok<>(frame.header().getStats().getSegmentsList().stream()
                .map(Replies::report)
                .toList());
    }

    private static SegmentReport report(SegmentStat stat) {
        return new SegmentReport(
                WireMapping.fromMessage(stat.getSegment()),
                stat.getCode() == Code.FENCED,
                stat.getCode() != Code.UNKNOWN,
                stat.getEpoch(),
                stat.getBaseOffset(),
                stat.getLastEntry(),
                stat.getLastConfirmed(),
                stat.getEndOffset(),
                stat.getSnapshotEntry(),
                stat.getBytes());
    }

    static Answer<DiskReport> disk(Frame<Reply> frame) {
        DiskStatus status = frame.header().getStatus();
        return new Answer.Ok<>(new DiskReport(
                WireMapping.disk(status.getDiskHigh(), status.getDiskLow()),
                status.getLiveBytes(),
                status.getUsedBytes(),
                status.getLimitBytes(),
                status.getSegments()));
    }
}
