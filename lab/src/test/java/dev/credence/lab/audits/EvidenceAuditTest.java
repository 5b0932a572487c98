package dev.credence.lab.audits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.audit.Verdict;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.Credence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A policy that is the prior given evidence is found to be, of a log and of a table; another is not. */
class EvidenceAuditTest {
    private static final double[] PRIOR = {.4, .3, .2, .1}; // of a, b, c, d, with rewards 0 to 3
    private static final double NONE = Double.NEGATIVE_INFINITY;

    @TempDir
    private static Path folder = Path.of("");

    /** The prior's odds times the likelihood of each reward, 0 to 3. */
    private static double[] given(IntToDoubleFunction logLikelihood) {
        double[] policy = new double[4];
        for (int r = 0; r < 4; r++) {
            policy[r] = PRIOR[r] * Math.exp(logLikelihood.applyAsDouble(r));
        }
        double sum = Arrays.stream(policy).sum();
        return Arrays.stream(policy).map(p -> p / sum).toArray();
    }

    private static double[] posterior(String evidence) {
        return switch (evidence) {
            case "at-least:2" -> given(r -> r >= 2 ? 0 : NONE);
            case "level:1" -> given(r -> r == 1 ? 0 : NONE);
            case "at-least:1 and 0.5*reward:" -> given(r -> r >= 1 ? 0.5 * r : NONE);
            case "2*reward:" -> given(r -> 2 * r);
            case "regex:[bd]", "prompt:b" -> given(r -> r == 1 || (r == 3 && evidence.startsWith("r")) ? 0 : NONE);
            case "top:0.3" -> given(r -> r >= 2 ? 0 : NONE);
            case "beats:2" -> new double[] {.16, .33, .32, .19}; // the largest of two: F(r)^2 - F(r - 1)^2
            default -> throw new IllegalArgumentException(evidence);
        };
    }

    private static Verdict.Label ofTable(double[] policy, String evidence) throws IOException {
        Path world = folder.resolve("world.yaml");
        Files.writeString(world, String.format(Locale.ROOT, """
                        prior:  {a: 0.4, b: 0.3, c: 0.2, d: 0.1}
                        reward: {a: 0, b: 1, c: 2, d: 3}
                        policy: {a: %s, b: %s, c: %s, d: %s}
                        """, policy[0], policy[1], policy[2], policy[3]));
        AuditRequest request = AuditRequest.standard().onEvidence(evidence);
        return aimed(Credence.auditTable(request, world.toString(), null)
                .last()
                .verdicts()
                .get("aimed"));
    }

    private static Verdict.Label ofLog(double[] policy, String evidence, int records) throws IOException {
        Path log = Files.writeString(folder.resolve("log.jsonl"), RecordedLogs.log(policy, records));
        AuditRequest request = AuditRequest.standard().onEvidence(evidence);
        return aimed(Credence.audit(request, log.toString()).last().verdicts().get("aimed"));
    }

    private static Verdict.Label aimed(Verdict verdict) {
        assertThat(verdict).as("the verdict on the evidence").isNotNull();
        return verdict.label();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "at-least:2 | at-least:1 and 0.5*reward:",
                "level:1 | at-least:2",
                "at-least:1 and 0.5*reward: | 2*reward:",
                "2*reward: | at-least:2",
                "regex:[bd] | prompt:b",
                "prompt:b | regex:[bd]",
                "top:0.3 | level:1",
                "beats:2 | 2*reward:"
            })
    void thePosteriorIsFoundAndAnotherIsNot(String evidence, String other) throws IOException {
        double[] policy = posterior(evidence);
        assertThat(ofTable(policy, evidence)).isEqualTo(Verdict.Label.CONDITIONAL);
        assertThat(ofTable(policy, other)).isNotIn(Verdict.Label.CONDITIONAL, Verdict.Label.MOSTLY);
        assertThat(ofLog(policy, evidence, 400)).isIn(Verdict.Label.CONDITIONAL, Verdict.Label.MOSTLY);
        assertThat(ofLog(policy, other, 400)).isNotIn(Verdict.Label.CONDITIONAL, Verdict.Label.MOSTLY);
    }

    /** Policies of random odds, against the share of their move that a naive sum of the table says. */
    @Test
    void randomPoliciesOnTablesAreJudgedByTheirKl() throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        double[] target = posterior("at-least:1 and 0.5*reward:");
        for (int n = 0; n < 40; n++) {
            double[] policy = given(r -> r == 0 ? NONE : 0);
            for (int r = 1; r < 4; r++) {
                policy[r] = target[r] * Math.exp((n % 4) * 0.5 * random.nextDouble(-1, 1));
            }
            double sum = Arrays.stream(policy).sum();
            double[] normalised = Arrays.stream(policy).map(p -> p / sum).toArray();
            double departure = kl(normalised, target);
            double share = 1 - departure / kl(normalised, PRIOR);
            boolean isConditional = share >= 0.95 && departure <= 0.1;
            assertThat(ofTable(normalised, "at-least:1 and 0.5*reward:") == Verdict.Label.CONDITIONAL)
                    .as("%s: share %s, departure %s", Arrays.toString(normalised), share, departure)
                    .isEqualTo(isConditional);
        }
    }

    /** A softmax policy always leaves a hard event a little: no conditional, and how little, and how far the rest is, is said. */
    @Test
    void whatLiesOutsideAHardEventIsMeasured() throws IOException {
        double[] within = {0, 0, .5, .5
        }; // the posterior is 2/3, 1/3: KL = .5 ln(.5 / (2/3)) + .5 ln(.5 / (1/3)) = .058892 nats
        double[] policy = {.003, .002, .995 * within[2], .995 * within[3]};
        assertThat(ofTable(policy, "at-least:2")).isEqualTo(Verdict.Label.NOT);
        Verdict verdict = Credence.auditTable(
                        AuditRequest.standard().onEvidence("at-least:2"),
                        folder.resolve("world.yaml").toString(),
                        null)
                .last()
                .verdicts()
                .get("aimed");
        assertThat(verdict).isNotNull();
        assertThat(verdict.text())
                .contains("About 0.5 % of its texts are such; the others are about 0.0589 nats away from it.");
    }

    private static double kl(double[] p, double[] q) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += p[i] > 0 ? p[i] * Math.log(p[i] / q[i]) : 0;
        }
        return sum;
    }

    /** Where nothing fits the evidence there is no target: the prompt, the evidence and what was seen are named. */
    @ParameterizedTest
    @CsvSource({"at-least:5, record", "level:1.5, record", "at-least:5, text", "'at-least:4 and 0.5*reward:', text"})
    void evidenceThatNothingFitsIsRefusedByName(String evidence, String of) {
        double[] policy = {.1, .2, .3, .4};
        assertThatThrownBy(() -> {
                    if (of.equals("text")) {
                        ofTable(policy, evidence);
                    } else {
                        ofLog(policy, evidence, 50);
                    }
                })
                .isInstanceOf(NoPosteriorException.class)
                .hasMessageContaining("no " + of + " of prompt ")
                .hasMessageContaining("fits the evidence 'the reward is ")
                .hasMessageContaining("rewards there lie from 0 to 3");
    }

    /** One prompt of which nothing fits takes nothing from the others, and leaves nothing told of all. */
    @ParameterizedTest
    @CsvSource({"true, CANNOT_TELL", "false, NOT"})
    void aPromptThatNothingFitsIsNamed(boolean isConditional, Verdict.Label label) throws IOException {
        double[] policy = posterior(isConditional ? "at-least:2" : "level:1");
        StringBuilder lines = new StringBuilder(RecordedLogs.log(policy, 300));
        double[] low = {.5, .5, 0, 0};
        for (int i = 0; i < 200; i++) {
            String source = i % 4 < 2 ? "prior" : "policy";
            lines.append(RecordedLogs.record("poor", source, i % 2, low, "")).append('\n');
        }
        Path log = Files.writeString(folder.resolve("poor.jsonl"), lines.toString());
        Verdict verdict = Credence.audit(AuditRequest.standard().onEvidence("at-least:2"), log.toString())
                .last()
                .verdicts()
                .get("aimed");
        assertThat(aimed(verdict)).isEqualTo(label);
        assertThat(verdict.text())
                .startsWith(
                        "No record of prompt 'poor' fits the evidence 'the reward is at least 2': rewards there lie from"
                                + " 0 to 1")
                .contains(
                        "So it is with 1 of 3 prompts ('poor'), of which nothing is said. Of the others alone, where it is")
                .contains("Against the reward is at least 2: ");
    }

    /** β stays that of the tuning, and the reward that of the evidence. */
    @Test
    void evidenceNamesTheRewardThatIsAudited() {
        AuditRequest request = AuditRequest.standard().atBeta(0.5).onEvidence("at-least:2 of count:[aeiou]");
        assertThat(request.reward()).isEqualTo("count:[aeiou]");
        assertThat(request.beta()).isEqualTo(0.5);
        assertThat(AuditRequest.standard()
                        .ofReward("helpful")
                        .onEvidence("at-least:2")
                        .reward())
                .isEqualTo("helpful");
        assertThatThrownBy(() -> AuditRequest.standard().ofReward("length").onEvidence("contains:a"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("it is about 'contains:a', and the reward is 'length'");
    }
}
