package io.siltstone.ingest.api;

import io.siltstone.ingest.connection.ReadBudget;
import io.siltstone.ingest.partition.Partitions;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.FetchContext;
import org.apache.kafka.server.FetchManager;
import org.apache.kafka.server.FetchSession.FetchSessionCache;
import org.apache.kafka.server.FetchSessionCacheShard;

/** Begins fetches: finds the session, and with it the partitions that the request means. */
public final class FetchHandler implements ApiHandler {

    private static final int SESSION_SHARDS = 8;
    private static final int SESSIONS_PER_SHARD = 1_000;
    private static final long SESSION_EVICTION_MS = 120_000;

    private final Partitions partitions;
    private final ClusterView view;
    private final ReadBudget budget;
    private final FetchManager sessions;

    public FetchHandler(Partitions partitions, ClusterView view, ReadBudget budget) {
        this.partitions = partitions;
        this.view = view;
        this.budget = budget;
        int idsPerShard = Integer.MAX_VALUE / SESSION_SHARDS;
        List<FetchSessionCacheShard> shards = IntStream.range(0, SESSION_SHARDS)
                .mapToObj(shard ->
                        new FetchSessionCacheShard(SESSIONS_PER_SHARD, SESSION_EVICTION_MS, idsPerShard, shard))
                .toList();
        this.sessions = new FetchManager(Time.SYSTEM, new FetchSessionCache(shards));
    }

    @Override
    public CompletionStage<AbstractResponse> handle(Request request) {
        FetchRequest body = (FetchRequest) request.body();
        ClusterImage image = view.image();
        Map<Uuid, String> names = new TopicLookup.NamesById(image);
        short version = request.header().apiVersion();
        Map<TopicIdPartition, FetchRequest.PartitionData> asked = body.fetchData(names);
        List<TopicIdPartition> forgotten = body.forgottenTopics(names);
        FetchContext context = sessions.newContext(version, body.metadata(), false, asked, forgotten, names);
        FetchExchange exchange = new FetchExchange(
                body,
                context,
                partitions,
                view,
                budget,
                request.connection().eventLoop(),
                request.connection().end());
        return exchange.start();
    }
}
