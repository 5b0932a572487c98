package dev.credence.lab.audits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Candidate;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.Credence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exact audits of tables as a Java user asks for them. */
class TableAuditTest {
    private static final AuditRequest STANDARD = AuditRequest.standard();

    @TempDir
    private Path folder = Path.of("");

    private String four = "";
    private String two = "";

    @BeforeEach
    void writeWorlds() throws IOException {
        four = write("four.yaml", """
                prior:  {a: 0.4, b: 0.3, c: 0.2, d: 0.1}
                reward: {a: 0, b: 1, c: 2, d: 3}
                policy: {a: 0.05, b: 0.10, c: 0.60, d: 0.25}
                """);
        two = write("two.yaml", "prior: {a: 0.5, b: 0.5}\nreward: {a: 0, b: 1}\npolicy: {a: 0.2, b: 0.8}\n");
    }

    private String write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private static Finding finding(AuditReport report, String id) {
        return Objects.requireNonNull(report.last().findings().get(id), id);
    }

    private static List<String> candidates(AuditReport report) {
        return report.last().candidates().stream().map(Candidate::name).toList();
    }

    private static void refused(AuditRequest request, String world, @Nullable String policy, String message) {
        assertThatThrownBy(() -> Credence.auditTable(request, world, policy))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("--");
    }

    @Test
    void figuresAreExact() throws IOException {
        Finding fraction = finding(Credence.auditTable(STANDARD.atBeta(1), four, null), "bayes_fraction");
        assertThat(fraction.estimate()).isCloseTo(.74531199, within(5e-9));
        assertThat(fraction.grade()).isEqualTo(Grade.EXACT);
        String policy = write("policy.yaml", "policy: {a: 0.4, b: 0.3, c: 0.2, d: 0.1}");
        AuditReport same = Credence.auditTable(STANDARD, four, policy);
        assertThat(finding(same, "kl.policy_prior").estimate()).isCloseTo(0, within(1e-12));
        assertThat(same.provenance().inputs()).hasSize(2);
    }

    @Test
    void aPolicyIsInTheWorldOrInAFile() throws IOException {
        refused(STANDARD, four, folder + "/none.yaml", "none.yaml: no such file");
        String bare = write("bare.yaml", "prior: {a: 0.5, b: 0.5}\nreward: {a: 0, b: 1}\n");
        refused(
                STANDARD,
                bare,
                null,
                "field 'policy' is missing; add policy: to the world, or name the policy's own file");
    }

    @Test
    void rewardsMayBeComputedFromTheTexts() throws IOException {
        AuditRequest computed = STANDARD.ofReward("table:reward").withCandidates("contains:c");
        assertThat(candidates(Credence.auditTable(computed, four, null))).hasSize(2);
        refused(STANDARD.ofReward("length"), four, null, "texts without tokens");
        refused(STANDARD.ofReward("rewrad"), four, null, "reward is rewrad; did you mean 'reward'?");
    }

    @Test
    void rewardsGoByTheirNames() throws IOException {
        AuditReport report =
                Credence.auditTable(STANDARD.ofReward("bee=contains:b").withCandidates("own=table:reward"), two, null);
        assertThat(report.reward()).isEqualTo("bee");
        assertThat(candidates(report)).contains("bee", "own");
        refused(STANDARD.ofReward("reward=contains:b"), two, null, "the world has a reward of the name reward");
    }

    @Test
    void rewardsWhosePowersNoNumberHoldsAreRefusedWithTheScaleThatMendsThem() throws IOException {
        String large = write("large.yaml", Files.readString(Path.of(four)).replace("d: 3}", "d: 3e200}"));
        refused(
                STANDARD,
                large,
                null,
                "large.yaml: field 'reward' is 3.0E200 of a text for the prompt ''; the rewards of an audit lie between"
                        + " -1e30 and 1e30; multiply them by 1e-200 where they are written, and beta with them");
        String mended = write("mended.yaml", Files.readString(Path.of(large)).replace("e200", ""));
        assertThat(finding(Credence.auditTable(STANDARD, mended, null), "copies.per_sigma")
                        .estimate())
                .isPositive();
    }

    @Test
    void whatIsWrongWithARivalIsSaidOfTheRival() throws IOException {
        AuditRequest asked = STANDARD.withCandidates("regex:(");
        refused(asked, four, null, "candidate is regex:(; the pattern is a regular expression of Java");
    }

    @Test
    void aDeclaredRangeMustBeTrue() throws IOException {
        assertThat(Credence.auditTable(STANDARD.within(-1, 1), two, null).steps())
                .hasSize(1);
        refused(STANDARD.within(-1, 0.5), two, null, "field 'reward' is 1.0");
    }
}
