package dev.credence.bench.speed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.diagnostics.RunningMean;
import dev.credence.core.diagnostics.SampleMean;
import dev.credence.methods.ParticleModel;
import dev.credence.methods.ParticleRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Runs of sequential Monte Carlo on one target, ours and a peer's in turns: what they make of log Z, what they ask of the model, and how
 * long they take.
 *
 * @param runs of each, at least two
 * @param seed of ours; the peer's run i has seed + i
 */
record ParticleTurns(int runs, long seed) {
    private static final int WARM_UP = 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * What the runs of one side came to.
     *
     * @param title whose, and how
     * @param particles K
     * @param gap mean of log Ẑ − log Z, nats: minus a bound of KL(one particle‖posterior)
     * @param spread standard deviation of log Ẑ, nats
     * @param ratio mean of Ẑ/Z, which is 1 where Ẑ is unbiased
     * @param ratioError its standard error
     * @param asked next-token distributions asked of the model in a run, one for each particle that grows and token; mean
     * @param seconds of a run; median
     */
    record Row(
            String title,
            int particles,
            double gap,
            double spread,
            double ratio,
            double ratioError,
            double asked,
            double seconds) {}

    /** Ours alone. */
    Row alone(String title, ParticleModel policy, int[] prompt, double logZ) {
        try {
            return turns(title, policy, prompt, logZ, null).get(0);
        } catch (IOException e) {
            throw new IllegalStateException(e); // without a peer nothing is read
        }
    }

    /**
     * Ours and the peer's, a run each in turn.
     *
     * @param title how ours are called; the peer's are called after their proposal
     * @param policy ours
     * @param prompt token ids
     * @param logZ exact, nats
     * @param theirs the peer and what it is asked for
     * @return ours, then the peer's
     */
    List<Row> beside(String title, ParticleModel policy, int[] prompt, double logZ, Peer theirs) throws IOException {
        return turns(title, policy, prompt, logZ, theirs);
    }

    /**
     * A peer and its settings.
     *
     * @param peer started
     * @param proposal as it calls it
     * @param beta of the target
     */
    record Peer(TorchPeer peer, String proposal, double beta) {
        private JsonNode run(int particles, long seed) throws IOException {
            return peer.ask(JSON.writeValueAsString(
                    Map.of("proposal", proposal, "beta", beta, "particles", particles, "seed", seed)));
        }
    }

    private List<Row> turns(String title, ParticleModel policy, int[] prompt, double logZ, @Nullable Peer theirs)
            throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Tally own = new Tally(runs, logZ);
        Tally other = new Tally(runs, logZ);
        for (int turn = -WARM_UP; turn < runs; turn++) {
            Timing.Timed<ParticleRun> ours =
                    Timing.of(() -> policy.runs(prompt, 1, random).get(0));
            if (turn >= 0) {
                own.add(
                        turn,
                        ours.result().logPartition(),
                        (double) ours.result().tokens(),
                        ours.timing().wall());
            }
            if (theirs != null) {
                JsonNode run = theirs.run(policy.particles(), seed + turn + WARM_UP);
                if (turn >= 0) {
                    other.add(turn, number(run, "log_z"), number(run, "asked"), number(run, "seconds"));
                }
            }
        }
        List<Row> rows = new ArrayList<>(List.of(own.row(title, policy.particles())));
        if (theirs != null) {
            rows.add(other.row("genlm-control, " + theirs.proposal, policy.particles()));
        }
        return rows;
    }

    private static double number(JsonNode run, String field) throws IOException {
        if (!run.path(field).isNumber()) {
            throw new IOException("the peer's run has no " + field + ": " + run);
        }
        return run.path(field).asDouble();
    }

    /** Sums over runs. */
    private static final class Tally {
        private final double logZ;
        private final RunningMean logs = new RunningMean();
        private final RunningMean ratios = new RunningMean();
        private final RunningMean asked = new RunningMean();
        private final double[] seconds;

        Tally(int runs, double logZ) {
            this.logZ = logZ;
            this.seconds = new double[runs];
        }

        void add(int run, double logPartition, double asked, double seconds) {
            logs.add(logPartition - logZ);
            ratios.add(Math.exp(logPartition - logZ));
            this.asked.add(asked);
            this.seconds[run] = seconds;
        }

        Row row(String title, int particles) {
            SampleMean gap = logs.result();
            SampleMean ratio = ratios.result();
            return new Row(
                    title,
                    particles,
                    gap.mean(),
                    Math.sqrt(gap.variance()),
                    ratio.mean(),
                    ratio.standardError(),
                    asked.result().mean(),
                    Timing.median(seconds));
        }
    }
}
