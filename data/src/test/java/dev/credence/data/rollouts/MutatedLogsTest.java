package dev.credence.data.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.duckdb.DuckDBDriver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Generated logs with arrays, each with one thing wrong: refused in both formats, on the line where it is. */
class MutatedLogsTest {
    private static final int RECORDS = 60;

    @TempDir
    private Path folder = Path.of("");

    /** A record, to be broken and written. */
    private static final class Sample {
        double[] prior;
        double[] policy;
        double sumPrior;
        double sumPolicy;
        int tokens;
        int[] ids;
        String source;
        String nullIn = "";

        Sample(SplittableRandom random) {
            tokens = 2 + random.nextInt(12);
            prior = random.doubles(tokens, -4, 0).toArray();
            policy = random.doubles(tokens, -4, 0).toArray();
            sumPrior = DoubleStream.of(prior).sum();
            sumPolicy = DoubleStream.of(policy).sum();
            ids = random.ints(tokens, 0, 999).toArray();
            source = random.nextBoolean() ? "prior" : "policy";
        }

        String line() {
            return String.format(
                    Locale.ROOT,
                    "{\"prompt\":\"p\",\"completion\":\"%d\",\"reward\":1.5,\"source\":\"%s\",\"logp_prior\":%s,\"logp_policy\":%s,"
                            + "\"tokens\":%d,\"token_logp_prior\":%s,\"token_logp_policy\":%s,\"ids\":%s}",
                    ids[0],
                    source,
                    sumPrior,
                    sumPolicy,
                    tokens,
                    array(prior, nullIn.equals("prior")),
                    array(policy, nullIn.equals("policy")),
                    IntStream.of(ids).mapToObj(String::valueOf).collect(Collectors.joining(",", "[", "]")));
        }

        private static String array(double[] values, boolean withNull) {
            List<String> shown = new ArrayList<>(
                    DoubleStream.of(values).mapToObj(String::valueOf).toList());
            if (withNull) {
                shown.set(0, "null");
            }
            return "[" + String.join(",", shown) + "]";
        }

        private static double[] shortened(double[] values) {
            return java.util.Arrays.copyOf(values, values.length - 1);
        }
    }

    /** One thing that is wrong. */
    enum Fault {
        MEAN_FOR_SUM("logp_policy") {
            @Override
            void inflict(Sample sample) {
                sample.sumPolicy /= sample.tokens;
            }
        },
        END_LEFT_OUT_OF_THE_SUM("logp_prior") {
            @Override
            void inflict(Sample sample) {
                sample.prior[sample.tokens - 1] = -1;
                sample.sumPrior = DoubleStream.of(sample.prior).sum() + 1;
            }
        },
        OTHER_BASE("logp_policy") {
            @Override
            void inflict(Sample sample) {
                sample.policy[0] -= 1;
                sample.sumPolicy = DoubleStream.of(sample.policy).sum() / Math.log(2);
            }
        },
        ARRAY_OF_ANOTHER_LENGTH("token_logp_prior") {
            @Override
            void inflict(Sample sample) {
                sample.prior = Sample.shortened(sample.prior);
                sample.sumPrior = DoubleStream.of(sample.prior).sum();
            }
        },
        TOKENS_WITHOUT_THE_END("token_logp_prior") {
            @Override
            void inflict(Sample sample) {
                sample.tokens--;
            }
        },
        IDS_OF_ANOTHER_LENGTH("ids") {
            @Override
            void inflict(Sample sample) {
                sample.ids = java.util.Arrays.copyOf(sample.ids, sample.tokens + 1);
            }
        },
        NULL_IN_PRIOR("token_logp_prior") {
            @Override
            void inflict(Sample sample) {
                sample.nullIn = "prior";
            }
        },
        NULL_IN_POLICY("token_logp_policy") {
            @Override
            void inflict(Sample sample) {
                sample.nullIn = "policy";
            }
        },
        POSITIVE_TERM("token_logp_policy") {
            @Override
            void inflict(Sample sample) {
                sample.policy[1] = 0.5;
            }
        },
        IMPOSSIBLE_IN_PRIOR("token_logp_prior") {
            @Override
            void inflict(Sample sample) {
                sample.prior[1] = -9999;
                sample.sumPrior = DoubleStream.of(sample.prior).sum();
            }
        },
        IMPOSSIBLE_TO_WHO_DREW_IT("logp_policy") {
            @Override
            void inflict(Sample sample) {
                sample.source = "policy";
                sample.policy[1] = -3.4028235e38;
                sample.sumPolicy = DoubleStream.of(sample.policy).sum();
            }
        },
        NEGATIVE_ID("ids") {
            @Override
            void inflict(Sample sample) {
                sample.ids[1] = -5;
            }
        };

        final String field;

        Fault(String field) {
            this.field = field;
        }

        abstract void inflict(Sample sample);
    }

    private List<Sample> samples(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, RECORDS).mapToObj(i -> new Sample(random)).toList();
    }

    private Path write(List<Sample> samples, boolean parquet) throws IOException, SQLException {
        Path lines = folder.resolve("log.jsonl");
        Files.write(lines, samples.stream().map(Sample::line).toList());
        if (!parquet) {
            return lines;
        }
        Path rows = folder.resolve("log.parquet");
        try (Connection connection = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT * FROM read_json('" + lines + "')) TO '" + rows + "' (FORMAT parquet)");
        }
        return rows;
    }

    private static LogRead read(Path file) {
        return new RolloutLogReader(Logs.options(), InputStream.nullInputStream()).read(List.of(file.toString()));
    }

    @Test
    void soundLogsAreReadAlike() throws IOException, SQLException {
        for (long seed = 0; seed < 6; seed++) {
            List<Sample> samples = samples(seed);
            RolloutLog lines = read(write(samples, false)).steps().get(0).log();
            RolloutLog rows = read(write(samples, true)).steps().get(0).log();
            RolloutLogReaderTest.assertSameRecords(rows, lines);
            assertThat(rows.columns().text()).isEqualTo(lines.columns().text());
            for (int i = 0; i < RECORDS; i++) {
                assertThat(lines.columns().logPrior()[i]).isCloseTo(samples.get(i).sumPrior, within(1e-12));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void eachFaultIsRefusedInBothFormatsOnItsLine(Fault fault) throws IOException, SQLException {
        for (long seed = 100; seed < 103; seed++) {
            List<Sample> samples = samples(seed);
            int at = new SplittableRandom(seed).nextInt(RECORDS);
            fault.inflict(samples.get(at));
            for (boolean parquet : new boolean[] {false, true}) {
                Path file = write(samples, parquet);
                assertThatThrownBy(() -> read(file))
                        .isInstanceOf(InputException.class)
                        .hasMessageStartingWith(file + ":" + (at + 1) + ": field '" + fault.field + "' is ");
            }
        }
    }

    private static double inSinglePrecision(double value) {
        return (float) value;
    }

    /** What several kinds of writers make of the same numbers is no fault. */
    @Test
    void roundingIsNoFault() throws IOException, SQLException {
        for (long seed = 200; seed < 240; seed++) {
            List<Sample> samples = samples(seed);
            for (Sample sample : samples) {
                for (int i = 0; i < sample.tokens; i++) {
                    sample.prior[i] = inSinglePrecision(sample.prior[i]);
                    sample.policy[i] = Math.rint(1000 * sample.policy[i]) / 1000;
                }
                sample.sumPrior = inSinglePrecision(sample.sumPrior);
            }
            assertThat(read(write(samples, false)).records()).isEqualTo(RECORDS);
        }
    }

    /** Placeholders of −∞ in a policy's array on a draw of the prior: the sum is −∞, whatever the recorded sum says. */
    @Test
    void placeholdersAreMinusInfinity() throws IOException, SQLException {
        double[] placeholders = {-9999, -1e4, -1e9, -3.4028234663852886e38, -65504, -1e30};
        SplittableRandom random = new SplittableRandom(9);
        for (double placeholder : placeholders) {
            List<Sample> samples = samples(Double.doubleToLongBits(placeholder));
            Sample broken = samples.get(7);
            broken.source = "prior";
            broken.policy[random.nextInt(broken.tokens)] = placeholder;
            broken.sumPolicy = DoubleStream.of(broken.policy).sum();
            for (boolean parquet : new boolean[] {false, true}) {
                LogRead read = read(write(samples, parquet));
                assertThat(read.steps().get(0).log().columns().logPolicy()[7]).isEqualTo(Double.NEGATIVE_INFINITY);
                assertThat(read.oddities().sentinels().count()).isEqualTo(1);
                assertThat(read.oddities().sentinels().first()).contains(":8: ");
            }
        }
    }

    private static @Nullable Double policy(double sum, int tokens, double prior) {
        LogRead read = Logs.read(Logs.PRIOR
                .replace("\"logp_policy\":-2", "\"tokens\":" + tokens + ",\"logp_policy\":" + sum)
                .replace("-1.5", Double.toString(prior)));
        return read.steps().get(0).log().columns().logPolicy()[0];
    }

    @Test
    void onlyWhatNoModelGivesIsAPlaceholder() {
        assertThat(policy(-9999, 20, -40)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(policy(-10_043.25, 20, -40)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(policy(-10_399.3, 300, -600)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(policy(-1e9, 20, -40)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(policy(-12_345.678, 6_000, -12_000)).as("a long text").isEqualTo(-12_345.678);
        assertThat(policy(-30_000.5, 8_000, -16_000)).as("a long text").isEqualTo(-30_000.5);
        assertThat(policy(-900.5, 20, -40)).as("improbable").isEqualTo(-900.5);
    }

    /** Whatever is done to a line's bytes, it is read as Jackson alone reads it, or refused with its line. */
    @Test
    void marksAndEndsOfLinesChangeNothing() throws IOException {
        SplittableRandom random = new SplittableRandom(17);
        for (int trial = 0; trial < 200; trial++) {
            StringBuilder text = new StringBuilder();
            StringBuilder plain = new StringBuilder();
            for (int i = 0; i < 12; i++) {
                String line = (random.nextBoolean() ? Logs.PRIOR : Logs.POLICY).replace("0.5", "" + random.nextInt(9));
                text.append("\ufeff".repeat(random.nextInt(3))).append(line);
                text.append(random.nextBoolean() ? "\r\n" : random.nextBoolean() ? "\n\ufeff\n" : "\n");
                plain.append(line).append('\n');
            }
            RolloutLogReaderTest.assertSameRecords(
                    Logs.read(text.toString()).steps().get(0).log(),
                    Logs.read(plain.toString()).steps().get(0).log());
        }
    }
}
