package dev.credence.app.command;

import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.lab.experiments.Certificate;
import dev.credence.lab.experiments.TextSpace;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the certified configuration trains; the standards are what was found to meet it. */
final class CertifiedOptions {
    @Option(names = "--beta", paramLabel = "B", description = "certified: KL coefficient (default 0.5).")
    private double beta = 0.5;

    @Option(names = "--steps", paramLabel = "N", description = "certified: steps of RLOO (default 300).")
    private int steps = 300;

    @Option(names = "--samples", paramLabel = "N", description = "certified: texts a prompt and step (default 256).")
    private int samples = 256;

    @Option(names = "--lr", paramLabel = "X", description = "certified: learning rate (default 0.001).")
    private double rate = 0.001;

    @Option(
            names = "--most",
            paramLabel = "NATS",
            description = "certified: what either KL may be (default 0.01); exit code 4 where it is more.")
    private double most = 0.01;

    @Option(names = "--save", paramLabel = "DIR", description = "certified: save the tuned policy there.")
    private @Nullable String save;

    Certificate.Asked asked(TextSpace.Extent extent, RewardExpression reward, long seed) {
        require("beta", beta, beta > 0 && beta < Double.POSITIVE_INFINITY);
        require("lr", rate, rate > 0 && rate < Double.POSITIVE_INFINITY);
        require("most", most, most > 0);
        require("steps", steps, steps > 0);
        require("samples", samples, samples > 1);
        return new Certificate.Asked(extent, reward, beta, steps, samples, rate, seed, most);
    }

    private static void require(String option, double value, boolean good) {
        if (!good) {
            throw InputException.ofSetting(
                    option,
                    String.valueOf(value),
                    option.equals("samples") ? "it must be at least 2" : "it must be positive and finite");
        }
    }

    @Nullable
    Path target() {
        return save == null ? null : Path.of(save);
    }
}
