package io.siltstone.storage.server;

import io.siltstone.log.EntryHeader;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.WireMapping;
import io.siltstone.log.wire.proto.AppendReply;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.log.wire.proto.Entries;
import io.siltstone.log.wire.proto.Refusal;
import io.siltstone.log.wire.proto.Reply;
import io.siltstone.log.wire.proto.Segment;
import io.siltstone.log.wire.proto.SegmentStats;
import io.siltstone.storage.replica.SegmentStat;
import io.siltstone.storage.replica.WriterLink;
import java.util.List;

/** Answers as messages. */
final class Replies {

    private Replies() {}

    static Reply failed(long id, Code code, String message) {
        return Reply.newBuilder().setId(id).setCode(code).setMessage(message).build();
    }

    static Reply done(long id) {
        return Reply.newBuilder().setId(id).setCode(Code.OK).build();
    }

    static Reply appended(long sequence, List<WriterLink.Refusal> refusals) {
        AppendReply.Builder append = AppendReply.newBuilder().setSequence(sequence);
        for (WriterLink.Refusal refusal : refusals) {
            append.addRefusals(Refusal.newBuilder()
                    .setSegment(WireMapping.toMessage(refusal.segment()))
                    .setEntry(refusal.entry())
                    .setCode(refusal.code()));
        }
        return Reply.newBuilder().setAppend(append).build();
    }

    static Reply fenced(SegmentId segment) {
        return Reply.newBuilder().setFenced(WireMapping.toMessage(segment)).build();
    }

    static Reply stats(long id, List<SegmentStat> stats) {
        SegmentStats.Builder all = SegmentStats.newBuilder();
        stats.forEach(stat -> all.addSegments(stat(stat)));
        return Reply.newBuilder().setId(id).setCode(Code.OK).setStats(all).build();
    }

    private static io.siltstone.log.wire.proto.SegmentStat stat(SegmentStat stat) {
        return io.siltstone.log.wire.proto.SegmentStat.newBuilder()
                .setSegment(WireMapping.toMessage(stat.segment()))
                .setCode(stat.code())
                .setLastEntry(stat.lastEntry())
                .setLastConfirmed(stat.lastConfirmed())
                .setBaseOffset(stat.baseOffset())
                .setEndOffset(stat.endOffset())
                .setSnapshotEntry(stat.snapshotEntry())
                .setBytes(stat.bytes())
                .setEpoch(stat.epoch())
                .build();
    }

    static Reply entries(long id, SegmentId segment, List<EntryHeader> headers) {
        Segment named = WireMapping.toMessage(segment);
        Entries.Builder entries = Entries.newBuilder();
        headers.forEach(header -> entries.addEntries(WireMapping.toMessage(header, named)));
        return Reply.newBuilder().setId(id).setCode(Code.OK).setEntries(entries).build();
    }
}
