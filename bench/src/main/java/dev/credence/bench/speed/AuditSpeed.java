package dev.credence.bench.speed;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.evidence.RewardType;
import dev.credence.data.rollouts.LogRead;
import dev.credence.data.rollouts.ReadOptions;
import dev.credence.data.rollouts.RolloutLogReader;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The speed of reading and auditing one log in this process.
 *
 * @param records how many
 * @param reading one timing a repetition; the first is before anything was compiled
 * @param auditing likewise
 * @param peakHeap most bytes of heap in use, garbage included, over all repetitions
 */
record AuditSpeed(long records, List<Timing> reading, List<Timing> auditing, long peakHeap) {
    /** Copies the lists. */
    AuditSpeed {
        reading = List.copyOf(reading);
        auditing = List.copyOf(auditing);
    }

    static AuditSpeed measure(Path log, int repeats, long seed, double beta) {
        heapPools().forEach(MemoryPoolMXBean::resetPeakUsage);
        List<Timing> reading = new ArrayList<>();
        List<Timing> auditing = new ArrayList<>();
        long records = 0;
        for (int i = 0; i < repeats; i++) {
            RolloutLogReader reader = new RolloutLogReader(ReadOptions.standard(seed), InputStream.nullInputStream());
            Timing.Timed<LogRead> read = Timing.of(() -> reader.read(List.of(log.toString())));
            AuditOptions options = new AuditOptions(beta, "reward", RewardType.SCORE, List.of("reward"), null, seed);
            reading.add(read.timing());
            auditing.add(Timing.of(() -> read.result().steps().stream()
                            .map(step -> Audit.ofTellingPrompts(step.log(), options))
                            .toList())
                    .timing());
            records = read.result().records();
        }
        long peak = heapPools().stream()
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
        return new AuditSpeed(records, reading, auditing, peak);
    }

    private static List<MemoryPoolMXBean> heapPools() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .toList();
    }

    /** The first repetition: what a single audit takes, start-up aside. */
    Timing first() {
        return reading.get(0).plus(auditing.get(0));
    }

    /** The median of the later repetitions, or the first where there is no other. */
    Timing warm() {
        return warm(reading).plus(warm(auditing));
    }

    static Timing warm(List<Timing> timings) {
        return Timing.median(timings.size() > 1 ? timings.subList(1, timings.size()) : timings);
    }
}
