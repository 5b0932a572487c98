package dev.credence.lab.audits;

import dev.credence.lab.runs.InterruptedRunException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A folder that is followed in a process of its own, to be ended: nothing ever comes, and a look takes as long as it is told. */
final class InterruptedFollowing {
    private InterruptedFollowing() {}

    public static void main(String[] args) throws IOException {
        Path kept = Path.of(args[0]);
        long look = Long.parseLong(args[1]);
        FollowedAudit.Pace pace = new FollowedAudit.Pace(Duration.ofHours(1), Duration.ZERO, Duration.ZERO);
        FollowedAudit audit =
                new FollowedAudit(kept.toString(), LogReading.standard(), kept, pace, System.out::println);
        try {
            audit.follow(AuditRequest.standard(), new Slow(look), step -> false, outcome -> {});
        } catch (InterruptedRunException e) {
            System.out.println("told why");
        }
    }

    private record Slow(long look) implements FollowedFolder {
        @Override
        public List<Arrived> arrived(Predicate<Arrived> isKnown) throws IOException {
            System.out.println("looks");
            try {
                Thread.sleep(look);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return List.of();
        }

        @Override
        public long changed() {
            return System.nanoTime();
        }

        @Override
        public Iterator<Held> read(PartedAudit audit, List<String> files) {
            throw new IllegalStateException("nothing has come");
        }

        @Override
        public void prepare(PartedAudit audit, SortedMap<Long, List<String>> steps) {
            throw new IllegalStateException("nothing has come");
        }

        @Override
        public PartedAudit.@Nullable StepResult audit(PartedAudit audit, long step, List<String> files) {
            throw new IllegalStateException("nothing has come");
        }

        @Override
        public boolean isThere(String file) {
            return false;
        }

        @Override
        public void close() {}
    }
}
