package dev.credence.bench.jmh;

import dev.credence.core.probability.LogMath;
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

/** The log-sum-exp of a prompt's records and of a whole log's. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LogMathBenchmark {
    /** How many terms. */
    @Param({"1000", "1000000"})
    public int size;

    private double[] terms = {};

    /** Made by JMH, which fills in the parameters. */
    public LogMathBenchmark() {}

    /** Terms of the size of log-probabilities of short texts. */
    @Setup
    public void draw() {
        SplittableRandom random = new SplittableRandom(1);
        terms = random.doubles(size, -60, 0).toArray();
    }

    /** {@return the log-sum-exp of all terms, so that it is computed} */
    @Benchmark
    public double logSumExp() {
        return LogMath.logSumExp(terms);
    }
}
