package io.siltstone.storage.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.SegmentId;
import io.siltstone.storage.journal.JournalSettings;
import io.siltstone.storage.journal.VolatileFiles;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How much a start reads of what the disk holds. */
class RestartReadsTest {

    private static final JournalSettings SETTINGS = new JournalSettings(1 << 20, 100 << 20);

    private final VolatileFiles files = new VolatileFiles();

    @Test
    void startReadsTheCheckpointAndTheFilesBehindItHoweverMuchIsHeld() throws IOException {
        // given 64 MiB in files of 1 MiB, and no checkpoint at the end
        TestDisk disk = new TestDisk(files, SETTINGS, new ReplicaRules());
        TestDisk.Writer writer = new TestDisk.Writer();
        SegmentId segment = TestDisk.segment(1);
        for (long entry = 0; entry < 1_024; entry++) {
            ByteBuf payload = TestDisk.payload(entry, 64 << 10);
            disk.core.append(writer, entry + 1, List.of(TestDisk.header(segment, entry, 1, payload)), payload);
            disk.sync();
        }
        files.crash(new Random(1));

        // when
        long before = files.readBytes();
        ReplicaEngine restarted =
                ReplicaEngine.startInline(files, TestDisk.DISK, SETTINGS, new ReplicaRules(), new Random(2));

        // then it reads at most the file that grew since the checkpoint, the head, and the two that were ready
        assertThat(restarted.core().stat(segment).lastEntry()).isEqualTo(1_023);
        assertThat(files.readBytes() - before).isLessThan(5 * SETTINGS.fileBytes());
    }
}
