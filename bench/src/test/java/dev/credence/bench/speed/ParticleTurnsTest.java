package dev.credence.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.KnownTexts;
import dev.credence.core.model.Vocabulary;
import dev.credence.methods.DrawnEvidence;
import dev.credence.methods.ParticleModel;
import dev.credence.methods.Smc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs in turns, on texts of one letter whose log Z is known, beside a peer that a shell script plays. */
class ParticleTurnsTest {
    private static final int RUNS = 400;
    private static final int[] PROMPT = {0};
    private static final double WEIGHT = 1.2; // of the second letter, nats
    private static final double RARE = 0.25; // its probability
    private static final double Z = 1 - RARE + RARE * Math.exp(WEIGHT);
    private static final TokenEvidence EVIDENCE =
            (tokens, length, finished) -> length > 0 && tokens[0] == 2 ? WEIGHT : 0;

    private final ParticleTurns turns = new ParticleTurns(RUNS, 1);

    @TempDir
    private Path folder = Path.of("");

    private static ParticleModel one(Smc how) {
        KnownTexts texts = KnownTexts.of(
                new Vocabulary(3, Set.of(0)),
                List.of(new int[] {0, 1, 0}, new int[] {0, 2, 0}),
                new double[] {Math.log(1 - RARE), Math.log(RARE)});
        return how.condition(texts, DrawnEvidence.of(prompt -> EVIDENCE), 2);
    }

    private TorchPeer peer(String answer) throws IOException {
        Path script = folder.resolve("peer.sh");
        Files.writeString(
                script,
                "echo '{}'\nn=0\nwhile read -r line; do echo \"$line\" >> '" + folder + "/asked'; " + answer
                        + "; n=$((1 - n)); done\n");
        return TorchPeer.start(List.of("sh"), script, List.of());
    }

    @Test
    void aSingleParticleHasTheMeanAndTheSpreadOfItsWeight() {
        ParticleTurns.Row row = turns.alone("smc", one(Smc.of(1)), PROMPT, Math.log(Z));

        assertThat(row.particles()).isEqualTo(1);
        assertThat(row.asked()).isEqualTo(2); // the letter and the end
        assertThat(row.ratio()).isCloseTo(1, within(4 * row.ratioError()));
        assertThat(row.gap()).isCloseTo(RARE * WEIGHT - Math.log(Z), within(4 * row.spread() / Math.sqrt(RUNS)));
        assertThat(row.spread()).isCloseTo(WEIGHT * Math.sqrt(RARE * (1 - RARE)), within(0.06));
        assertThat(row.seconds()).isPositive();
    }

    @Test
    void manyParticlesSpreadLess() {
        ParticleTurns.Row row = turns.alone("smc", one(Smc.of(64)), PROMPT, Math.log(Z));

        assertThat(row.spread()).isLessThan(0.12); // 0.64 of a weight over the root of 64: 0.08
        assertThat(row.gap()).isCloseTo(0, within(0.02));
        assertThat(row.asked()).isEqualTo(128);
    }

    @Test
    void aPeersRunsAreCountedAsOursAre() throws IOException {
        try (TorchPeer peer = peer("echo \"{\\\"log_z\\\": $n, \\\"asked\\\": 7, \\\"seconds\\\": 0.25}\"")) {
            List<ParticleTurns.Row> rows =
                    turns.beside("smc", one(Smc.of(2)), PROMPT, 0.5, new ParticleTurns.Peer(peer, "local", 0.2));

            assertThat(rows).extracting(ParticleTurns.Row::title).containsExactly("smc", "genlm-control, local");
            ParticleTurns.Row theirs = rows.get(1);
            assertThat(theirs.gap()).isCloseTo(0, within(1e-12)); // log Z is 0 or 1 in turn
            assertThat(theirs.spread()).isCloseTo(0.5 * Math.sqrt(RUNS / (RUNS - 1.0)), within(1e-12));
            assertThat(theirs.ratio()).isCloseTo(Math.cosh(0.5), within(1e-12));
            assertThat(theirs.asked()).isEqualTo(7);
            assertThat(theirs.seconds()).isEqualTo(0.25);
        }
        List<String> asked = Files.readAllLines(folder.resolve("asked"));
        assertThat(asked).doesNotHaveDuplicates(); // a seed of its own for each
        assertThat(asked.get(0)).contains("\"proposal\":\"local\"", "\"beta\":0.2", "\"particles\":2", "\"seed\":1");
    }

    @Test
    void anAnswerWithoutAnEstimateIsNotTakenForOne() throws IOException {
        try (TorchPeer peer = peer("echo '{\"asked\": 7}'")) {
            assertThatThrownBy(() ->
                            turns.beside("smc", one(Smc.of(2)), PROMPT, 0, new ParticleTurns.Peer(peer, "prior", 0.5)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("log_z");
        }
    }
}
