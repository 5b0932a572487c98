package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.evidence.RewardType;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rival conditionals that gates withdraw: by which, once for each. */
class CandidateTest {
    /** A rival reward that is no text's own: each record has another. */
    private static StepAudit audit() {
        int texts = 60;
        double[] prior = new double[texts];
        double[] tilt = new double[texts];
        double[] reward = new double[texts];
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < texts; i++) {
            prior[i] = random.nextGaussian() / 2;
            reward[i] = i % 3;
            tilt[i] = reward[i] / 2;
        }
        MadeLogs.World world = MadeLogs.World.of(prior, tilt, reward);
        RolloutLog one = Logs.of(MadeLogs.draw("q", world, world, new int[] {400, 400}, new SplittableRandom(4)));
        double[] noise = random.doubles(one.columns().source().length).toArray();
        RolloutLog both = Logs.withReward(one, "noise", noise);
        return Audit.of(both, new AuditOptions(null, "reward", RewardType.SCORE, List.of("reward", "noise"), null, 1));
    }

    @Test
    void namesTheGatesThatWithdrawItsNumbers() {
        List<Candidate> candidates = audit().candidates();
        assertThat(candidates).extracting(Candidate::name).containsExactly("reward", "noise");
        Candidate noise = candidates.get(1);
        assertThat(noise.departure()).isNaN();
        assertThat(noise.gates()).contains("same_text");
        assertThat(candidates.get(0).gates()).isEmpty();
        assertThat(Candidate.withdrawals(candidates))
                .isEqualTo("Numbers that gates of an audit of that reward withdraw: 'noise' ("
                        + String.join(", ", noise.gates()) + ").");
    }

    @Test
    void thoseOfTheSameGatesAreNamedTogether() {
        Candidate one = new Candidate("a", 1, Double.NaN, Double.NaN, Double.NaN, List.of("khat"));
        Candidate two = new Candidate("b", 1, Double.NaN, Double.NaN, Double.NaN, List.of("khat"));
        Candidate three = new Candidate("c", Double.NaN, Double.NaN, Double.NaN, Double.NaN);
        assertThat(Candidate.withdrawals(List.of(one, two, three)))
                .isEqualTo("Numbers that gates of an audit of that reward withdraw: 'a', 'b' (khat); 'c' (its figures"
                        + " cannot be had from these records).");
        List<Candidate> many = IntStream.range(0, 40)
                .mapToObj(at -> new Candidate("x".repeat(200) + at, 1, Double.NaN, 1, 1, List.of("khat")))
                .toList();
        assertThat(Candidate.withdrawals(many))
                .endsWith("x…' and 34 others (khat).")
                .hasSizeLessThan(400);
        assertThat(Candidate.withdrawals(List.of(new Candidate("d", 1, .1, .9, 3))))
                .isEmpty();
    }
}
