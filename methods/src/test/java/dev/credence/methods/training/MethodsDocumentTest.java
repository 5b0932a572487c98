package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.core.TestWorlds;
import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.posterior.TiltedFamily;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.methods.Aim;
import dev.credence.methods.Conditioned;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The table of docs/methods.md is what this test computes; run it with {@code -Dcredence.write} to write it anew. */
class MethodsDocumentTest {
    private static final TableModel T1 = TableModel.of(TestWorlds.T1);
    private static final RewardFunction REWARD = TestWorlds.reward(TestWorlds.t1Rewards());
    private static final String BEGIN = "<!-- table: begin -->\n";
    private static final String END = "<!-- table: end -->";
    private static final int RECORDS = 2000;

    private static final List<String> SETTINGS = List.of(
            "best-of-n n=4",
            "quantilizer q=0.3",
            "expert-iteration rounds=2 beta=2",
            "rloo",
            "rloo kl=loss:k2",
            "rloo kl=loss:k3",
            "rloo kl=loss:k3-ratio",
            "rloo kl=loss:k1",
            "rloo entropy=0.3",
            "rloo adaptive-kl=0.4",
            "reinforce",
            "ppo",
            "grpo",
            "grpo beta=0.04",
            "grpo kl=loss:k2 beta=2",
            "dr-grpo",
            "dapo kl=loss:k3",
            "natural-gradient",
            "natural-gradient target-kl=0.5",
            "dpo",
            "ipo",
            "kto",
            "distil");

    @Test
    void theDocumentHoldsTheTable() throws IOException {
        Path file = Path.of("..", "docs", "methods.md");
        assumeTrue(Files.isRegularFile(file), "skipped: the documents are not beside the module");
        String text = Files.readString(file);
        int from = text.indexOf(BEGIN) + BEGIN.length();
        int to = text.indexOf(END);
        assertThat(to).isGreaterThanOrEqualTo(from);
        String table = table();
        if (System.getProperty("credence.write") != null) {
            Files.writeString(file, text.substring(0, from) + table + text.substring(to));
            return;
        }
        assertThat(text.substring(from, to)).isEqualTo(table);
    }

    private static String table() {
        StringBuilder table = new StringBuilder("""
                | method | aims at | minimises on the way | a posterior? | error of the limit, population | sampled: copies reached, of the limit's | sampled: texts |
                |---|---|---|---|---|---|---|
                """);
        for (String setting : SETTINGS) {
            table.append(row(setting));
        }
        return table.toString();
    }

    private static String row(String setting) {
        Conditioner method = Methods.byName(setting.split(" ", -1)[0]);
        boolean trains = method instanceof TrainedConditioner && !setting.startsWith("natural");
        MethodOptions exact = trains ? LimitsTest.options(setting) : given(setting);
        MethodOptions sampled = given(setting);
        Aim aim = method.aim(exact);
        String posterior = aim.noPosterior() == null ? "yes" : "no: " + aim.noPosterior();
        if (!aim.hasLimit()) {
            return line(setting, aim.evidence(), aim.divergence(), posterior, "no closed form", "–", "–");
        }
        Distribution limit = aim.limit(T1, REWARD).given("");
        Distribution reached = method.condition(T1, REWARD, exact).policy().given("");
        double error = 0;
        for (int i = 0; i < limit.size(); i++) {
            error = Math.max(error, Math.abs(limit.probability(i) - reached.probability(i)));
        }
        assertThat(error).as(setting).isLessThan(1e-6);
        String reachedCopies = "exact";
        String cost = "–";
        if (trains) {
            Conditioned got = method.condition(T1, REWARD, sampled);
            reachedCopies = reached(got.policy().given(""), limit);
            cost = String.format(Locale.ROOT, "%,d", got.modelCalls().orElseThrow());
        }
        return line(setting, aim.evidence(), aim.divergence(), posterior, "< 1e-6", reachedCopies, cost);
    }

    private static MethodOptions given(String setting) {
        MethodOptions options = MethodOptions.none();
        for (String given : setting.split(" ", -1)) {
            int equals = given.indexOf('=');
            options = equals > 0 ? options.with(given.substring(0, equals), given.substring(equals + 1)) : options;
        }
        return options;
    }

    /** Moment-matched copies by an audit of rollouts of the sampled training, against the limit's. */
    private static String reached(Distribution policy, Distribution limit) {
        TiltedFamily family = TiltedFamily.of(TestWorlds.T1, TestWorlds.t1Rewards());
        double copies = family.lambdaAtMean(limit.expectation(TestWorlds.t1Rewards()));
        if (copies == Double.POSITIVE_INFINITY || copies > 100) {
            return policy.probability(3) > 0.99 ? "all on the best, as the limit" : "no";
        }
        RolloutLog log = log(policy);
        Finding found = Objects.requireNonNull(
                Audit.of(log, AuditOptions.atBeta("reward", 1)).findings().get("copies.moment_match"));
        return String.format(Locale.ROOT, "%.2f of %.2f", found.estimate(), copies);
    }

    private static RolloutLog log(Distribution policy) {
        SplittableRandom random = new SplittableRandom(17);
        int n = 2 * RECORDS;
        double[][] rewards = new double[1][n];
        double[] logPrior = new double[n];
        double[] logPolicy = new double[n];
        byte[] source = new byte[n];
        for (int i = 0; i < n; i++) {
            source[i] = i < RECORDS ? RolloutLog.PRIOR : RolloutLog.POLICY;
            int outcome = (i < RECORDS ? TestWorlds.T1 : policy).sample(random);
            rewards[0][i] = TestWorlds.t1Rewards()[outcome];
            logPrior[i] = TestWorlds.T1.logProbability(outcome);
            logPolicy[i] = policy.logProbability(outcome);
        }
        RolloutLog.Prompt prompt = new RolloutLog.Prompt("", 1, 0, n, false, 0, List.of(), List.of());
        return new RolloutLog(
                List.of("reward"),
                List.of("prior", "policy"),
                List.of(prompt),
                new RolloutLog.Columns(rewards, logPrior, logPolicy, source, null, null, null));
    }

    private static String line(String... cells) {
        StringBuilder line = new StringBuilder("|");
        for (String cell : cells) {
            line.append(' ').append(cell.replace("|", "\\|")).append(" |");
        }
        return line.append('\n').toString();
    }
}
