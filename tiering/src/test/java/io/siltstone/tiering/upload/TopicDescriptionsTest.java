package io.siltstone.tiering.upload;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.format.BucketKeys;
import io.siltstone.format.TopicObject;
import io.siltstone.metadata.DeletedTopicImage;
import io.siltstone.metadata.TopicImage;
import io.siltstone.tiering.upload.MemoryObjectStore.Fault;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TopicDescriptionsTest {

    private static final BucketKeys KEYS = new BucketKeys("cluster");
    private static final UUID ID = new UUID(1, 2);
    private static final TopicImage FLIGHTS = new TopicImage("flights", ID, 3, Map.of(), 1);
    private static final TopicImage ALTERED = FLIGHTS.withConfigs(Map.of("retention.ms", "7"));
    private static final DeletedTopicImage MARK = new DeletedTopicImage("flights", ID, 3, 77, Set.of());

    private final VirtualLoop loop = new VirtualLoop();
    private final MemoryObjectStore store = new MemoryObjectStore(loop);
    private @Nullable TopicImage image = FLIGHTS;
    private final TopicDescriptions descriptions = node(() -> image);

    @Test
    void aTopicIsDescribedOnce() {
        await(descriptions.describe(ID));
        await(descriptions.describe(ID));
        await(node(() -> image).describe(ID));

        assertThat(versions()).containsExactly(new TopicObject(ID, "flights", 3, Map.of(), 0, 1));
    }

    @Test
    void aChangeIsTheNextVersion() {
        await(descriptions.describe(ID));
        image = ALTERED.withPartitionCount(5);
        descriptions.changed(ID);
        await(descriptions.describe(ID));

        assertThat(versions()).last().isEqualTo(new TopicObject(ID, "flights", 5, Map.of("retention.ms", "7"), 0, 2));
    }

    @Test
    void aTopicThatIsOfNoConcernHereIsNotDescribed() {
        descriptions.changed(ID);
        loop.runUntil(() -> false);

        assertThat(versions()).isEmpty();
    }

    @Test
    void nodesWhoseImagesFollowAgreeOnTheNewest() {
        TopicImage[] lagging = {FLIGHTS};
        TopicDescriptions behind = node(() -> lagging[0]);
        image = ALTERED;
        CompletableFuture<Void> first = descriptions.describe(ID);
        CompletableFuture<Void> second = behind.describe(ID);
        await(CompletableFuture.allOf(first, second));
        lagging[0] = ALTERED;
        await(behind.describe(ID));

        assertThat(versions().get(versions().size() - 1).configs()).isEqualTo(ALTERED.configs());
    }

    @Test
    void aDeletionIsTheLastVersion() {
        await(descriptions.describe(ID));
        await(descriptions.describeDeleted(MARK));
        await(descriptions.describeDeleted(MARK));
        image = ALTERED;
        await(descriptions.describe(ID));

        assertThat(versions()).hasSize(2).last().isEqualTo(new TopicObject(ID, "flights", 3, Map.of(), 77, 2));
    }

    @Test
    void theDeletionOfATopicThatTheBucketNeverHeldIsNotWritten() {
        await(descriptions.describeDeleted(MARK));

        assertThat(versions()).isEmpty();
    }

    @Test
    void whoWaitsForADeletedTopicWaitsNoMore() {
        image = null;
        await(descriptions.describe(ID));

        assertThat(versions()).isEmpty();
    }

    @Test
    void aDamagedDescriptionIsReplaced() {
        store.objects().put(KEYS.topicDescription(ID, 4), new byte[] {1, 2, 3});
        await(descriptions.describe(ID));

        assertThat(TopicObject.decode(
                        "k", ByteBuffer.wrap(store.objects().lastEntry().getValue())))
                .isEqualTo(new TopicObject(ID, "flights", 3, Map.of(), 0, 5));
    }

    @Test
    void failuresOfTheBucketAreSurvived() {
        for (long seed = 0; seed < 200; seed++) {
            store.objects().clear();
            Random random = new Random(seed);
            store.faults(call -> {
                int draw = random.nextInt(4);
                return draw == 0 ? Fault.BEFORE : draw == 1 ? Fault.AFTER : Fault.NONE;
            });
            image = FLIGHTS;
            await(CompletableFuture.allOf(
                    node(() -> image).describe(ID), node(() -> image).describe(ID)));

            assertThat(versions())
                    .as("seed %s", seed)
                    .containsExactly(new TopicObject(ID, "flights", 3, Map.of(), 0, 1));
        }
    }

    private TopicDescriptions node(Supplier<@Nullable TopicImage> images) {
        return new TopicDescriptions(
                store,
                KEYS,
                id -> Optional.ofNullable(images.get()),
                loop,
                loop,
                TieringSettings.DEFAULT,
                new Random(1));
    }

    private void await(CompletableFuture<Void> step) {
        assertThat(loop.runUntil(step::isDone)).isTrue();
        step.join();
    }

    private List<TopicObject> versions() {
        return store.objects().entrySet().stream()
                .map(object -> TopicObject.decode(object.getKey(), ByteBuffer.wrap(object.getValue())))
                .toList();
    }
}
