package dev.credence.bench.jmh;

import dev.credence.core.diagnostics.EffectiveSampleSize;
import dev.credence.core.diagnostics.ParetoTail;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The two gates on importance weights, for a prompt's records and for a whole log's. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ParetoTailBenchmark {
    /** How many weights. */
    @Param({"400", "1000000"})
    public int size;

    /** Weights all different, in ascending order (the selection's worst case), or tied by an integer reward. */
    @Param({"random", "ascending", "tied"})
    public String weights = "random";

    private double[] logWeights = {};

    /** Made by JMH, which fills in the parameters. */
    public ParetoTailBenchmark() {}

    /** Log-normal weights, arranged as asked. */
    @Setup
    public void draw() {
        SplittableRandom random = new SplittableRandom(1);
        logWeights = new double[size];
        Arrays.setAll(logWeights, i -> random.nextGaussian());
        if (weights.equals("ascending")) {
            Arrays.sort(logWeights);
        } else if (weights.equals("tied")) {
            Arrays.setAll(logWeights, i -> Math.floor(2 * logWeights[i]));
        }
    }

    /** {@return Pareto k̂, so that it is computed} */
    @Benchmark
    public double paretoShape() {
        return ParetoTail.of(logWeights).shape();
    }

    /** {@return the effective sample size, so that it is computed} */
    @Benchmark
    public double effectiveSampleSize() {
        return EffectiveSampleSize.ofLogWeights(logWeights);
    }
}
