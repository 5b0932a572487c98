package dev.credence.spark;

import dev.credence.data.rollouts.LogPart;
import dev.credence.data.rollouts.StepOutline;
import dev.credence.lab.audits.PartedAudit;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/**
 * A step that is too large for one executor: its prompts are shared out among as many tasks as run at a time, all at once, which audit
 * it together ({@link PartedAudit#share}).
 */
final class SharedStep {
    private final JavaPairRDD<String, SparkAudit.Piece> pieces;
    private final Broadcast<PartedAudit> audit;

    SharedStep(JavaPairRDD<String, SparkAudit.Piece> pieces, Broadcast<PartedAudit> audit) {
        this.pieces = pieces;
        this.audit = audit;
    }

    /**
     * Audits it.
     *
     * @param key of its pieces
     * @param outline of the whole step
     * @param most how many tasks there are at most
     * @param agreed what holds of all steps, or null to take what holds of this one
     */
    PartedAudit.StepResult audit(String key, StepOutline outline, int most, PartedAudit.@Nullable Agreed agreed) {
        StepOutline.Shares shares = outline.shares(most);
        JavaPairRDD<Integer, LogPart> cut = pieces.filter(piece -> piece._1().equals(key))
                .flatMapToPair(piece -> cut(shares, piece._2()))
                .partitionBy(new HashPartitioner(shares.size())); // a number's hash is the number
        List<PartedAudit.StepResult> results = cut.rdd()
                .barrier()
                .mapPartitions(
                        new Task(audit, outline, agreed),
                        false,
                        ClassTag$.MODULE$.<PartedAudit.StepResult>apply(PartedAudit.StepResult.class))
                .toJavaRDD()
                .mapToPair(result -> new Tuple2<>(0, result))
                .partitionBy(
                        new HashPartitioner(1)) // a barrier stage is done again after a loss, unless it is a job's last
                .values()
                .collect();
        return results.get(0);
    }

    private static Iterator<Tuple2<Integer, LogPart>> cut(StepOutline.Shares shares, SparkAudit.Piece piece) {
        List<Tuple2<Integer, LogPart>> cut = new ArrayList<>();
        @Nullable LogPart[] parts = shares.cut(piece.ofStep());
        for (int k = 0; k < parts.length; k++) {
            LogPart own = parts[k];
            if (own != null) {
                cut.add(new Tuple2<>(k, own));
            }
        }
        return cut.iterator();
    }

    /** One of the tasks. */
    private static final class Task
            extends AbstractFunction1<
                    scala.collection.Iterator<Tuple2<Integer, LogPart>>,
                    scala.collection.Iterator<PartedAudit.StepResult>>
            implements Serializable {
        private static final long serialVersionUID = 1L;

        private final Broadcast<PartedAudit> audit;
        private final StepOutline outline;
        private final PartedAudit.@Nullable Agreed agreed;

        Task(Broadcast<PartedAudit> audit, StepOutline outline, PartedAudit.@Nullable Agreed agreed) {
            this.audit = audit;
            this.outline = outline;
            this.agreed = agreed;
        }

        @Override
        public scala.collection.Iterator<PartedAudit.StepResult> apply(
                scala.collection.Iterator<Tuple2<Integer, LogPart>> share) {
            List<LogPart> parts = new ArrayList<>();
            while (share.hasNext()) {
                parts.add(share.next()._2());
            }
            BarrierTaskContext tasks = BarrierTaskContext.get();
            int place = tasks.partitionId();
            String address = tasks.getTaskInfos()[place].address();
            String host = address.substring(0, address.lastIndexOf(':'));
            try (SocketExchange exchange =
                    SocketExchange.meet(place, tasks.getTaskInfos().length, host, tasks::allGather)) {
                PartedAudit.StepResult result = audit.value().share(parts, outline, exchange, agreed);
                List<PartedAudit.StepResult> told = place == 0 ? List.of(result) : List.of(); // all come to the same
                return CollectionConverters.asScala(told.iterator());
            }
        }
    }
}
