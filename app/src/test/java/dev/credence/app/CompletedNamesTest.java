package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.app.options.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletedNamesTest {
    @TempDir
    private Path folder;

    /** A shell completes the name of every figure that an audit of a log has, held-out prompts included, and no other. */
    @Test
    void everyFigureOfAnAuditIsCompleted() throws IOException {
        double[] prior = {.5, .3, .2};
        double[] policy = {.3, .3, .4};
        List<String> records = new ArrayList<>();
        for (String prompt : List.of("a", "b", "c")) {
            for (int i = 0; i < 40; i++) {
                int text = i % 3;
                records.add(String.format(
                        Locale.ROOT,
                        "{\"prompt\":\"%s\",\"completion\":\"%d\",\"reward\":%d,\"logp_prior\":%f,\"logp_policy\":%f,"
                                + "\"source\":\"%s\",\"tokens\":2,\"split\":\"%s\"}",
                        prompt,
                        text,
                        text,
                        Math.log(prior[text]),
                        Math.log(policy[text]),
                        i < 20 ? "prior" : "policy",
                        prompt.equals("c") ? "heldout" : "train"));
            }
        }
        Path log = Files.write(folder.resolve("log.jsonl"), records);
        JsonNode findings = Cli.run("audit", log.toString(), "--beta", "1", "--json")
                .json("credence.audit/1")
                .get("findings");
        assertThat(new Names.OfFigures()).containsExactlyInAnyOrderElementsOf(findings::fieldNames);
        assertThat(new Names.OfLimits()).contains("kl.departure.least=", "ess.mm=", "bayes_fraction.heldout=");
    }
}
