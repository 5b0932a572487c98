package dev.credence.data.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.RolloutLog;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LogGeneratorTest {
    private static final LogGenerator.Size SIZE = new LogGenerator.Size(3, 4_000, 20);

    private static byte[] log(LogGenerator generator, long seed) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        generator.write(out, new SplittableRandom(seed));
        return out.toByteArray();
    }

    private static LogGenerator generator(double departure) {
        return LogGenerator.of(SIZE, new LogGenerator.PolicyTilt(1.5, departure), new SplittableRandom(1));
    }

    @Test
    void theRecordsFollowTheTables() throws IOException {
        LogGenerator generator = generator(0.5);
        byte[] log = log(generator, 2);
        RolloutLog read = new RolloutLogReader(Logs.options(), new ByteArrayInputStream(log))
                .read(List.of("-"))
                .steps()
                .get(0)
                .log();
        assertThat(read.size()).isEqualTo((int) SIZE.records());
        assertThat(log.length / (double) read.size()).isBetween(150.0, 220.0);
        for (int c = 0; c < 3; c++) {
            LogGenerator.Truth truth = generator.truths().get(c);
            RolloutLog.Prompt prompt = read.prompts().get(c);
            assertThat(prompt.text()).isEqualTo(truth.text());
            double mean = 0;
            double truly = 0;
            for (int i = 0; i < truth.policy().length; i++) {
                truly += truth.policy()[i] * truth.reward()[i];
            }
            for (int i = prompt.from(); i < prompt.to(); i++) {
                if (read.columns().source()[i] == RolloutLog.POLICY) {
                    mean += read.columns().rewards()[0][i] / SIZE.perSource();
                }
            }
            assertThat(mean).isEqualTo(truly, within(0.05)); // five standard errors of rewards with sd about .5
        }
    }

    @Test
    void withoutDepartureThePolicyIsATilt() {
        for (LogGenerator.Truth truth : generator(0).truths()) {
            double first = Math.log(truth.policy()[0] / truth.prior()[0]) - 1.5 * truth.reward()[0];
            for (int i = 1; i < truth.prior().length; i++) {
                assertThat(Math.log(truth.policy()[i] / truth.prior()[i]) - 1.5 * truth.reward()[i])
                        .isEqualTo(first, within(1e-12));
            }
        }
    }

    @Test
    void theSeedDecides() throws IOException {
        assertThat(log(generator(0.5), 2)).isEqualTo(log(generator(0.5), 2)).isNotEqualTo(log(generator(0.5), 3));
    }

    @Test
    void anEmptySizeIsRefused() {
        assertThatThrownBy(() -> new LogGenerator.Size(0, 1, 2))
                .hasMessage("size is 0 prompts, 1 records, 2 outcomes; it must be at least 1, 1 and 2");
    }
}
