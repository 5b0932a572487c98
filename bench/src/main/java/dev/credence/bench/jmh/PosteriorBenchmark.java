package dev.credence.bench.jmh;

import dev.credence.core.posterior.TiltFigures;
import dev.credence.core.posterior.TiltedFamily;
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

/** One member of the tilt family in figures, and the two ways of finding one, for a prompt and for a whole log. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PosteriorBenchmark {
    /** How many atoms. */
    @Param({"1000", "1000000"})
    public int atoms;

    private TiltedFamily family = TiltedFamily.ofLog(new double[1], new double[1]);

    /** Made by JMH, which fills in the parameters. */
    public PosteriorBenchmark() {}

    /** Uneven masses and a standard normal reward. */
    @Setup
    public void draw() {
        SplittableRandom random = new SplittableRandom(1);
        double[] rewards = new double[atoms];
        Arrays.setAll(rewards, i -> random.nextGaussian());
        family = TiltedFamily.ofLog(random.doubles(atoms, -3, 0).toArray(), rewards);
    }

    /** {@return the figures of the posterior at λ = 1.5, so that they are computed} */
    @Benchmark
    public TiltFigures figures() {
        return family.at(1.5);
    }

    /** {@return the posterior's log-probabilities at λ = 1.5, so that they are computed} */
    @Benchmark
    public double[] logProbabilities() {
        return family.logPosterior(1.5);
    }

    /** {@return the λ of mean reward one, so that it is computed} */
    @Benchmark
    public double momentMatch() {
        return family.lambdaAtMean(1);
    }

    /** {@return the λ of one nat from the prior, so that it is computed} */
    @Benchmark
    public double klBudget() {
        return family.lambdaAtKl(1);
    }
}
