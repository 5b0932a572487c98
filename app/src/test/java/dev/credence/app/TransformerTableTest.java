package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The table of methods on a transformer in docs/methods.md. It takes minutes, so that it is computed only when asked for: run
 * this test with {@code -Dcredence.write} to write it anew. Else it is only looked at.
 */
class TransformerTableTest {
    private static final Path PRIOR = Path.of("..", "..", "shared", "cases", "letters", "prior");
    private static final Path FILE = Path.of("..", "docs", "methods.md");
    private static final String BEGIN = "<!-- transformer: begin -->\n";
    private static final String END = "<!-- transformer: end -->";
    private static final double FAITHFUL = 0.01; // nats, both ways

    private static final List<String> SETTINGS = List.of(
            "best-of-n --n 4 --horizon 3",
            "sft --demonstrations texts.jsonl --samples 64 --steps 100 --horizon 3",
            "observation --copies 2 --samples 256 --steps 200 --horizon 3",
            "feedme --threshold 1 --samples 256 --steps 200 --horizon 3",
            "top-fraction --q 0.25 --samples 256 --steps 200 --horizon 3",
            "expert-iteration --rounds 2 --beta 1 --samples 256 --steps 200 --horizon 3",
            "expert-iteration --rounds 2 --n 2 --samples 256 --steps 200 --horizon 3",
            "distil --beta 0.5 --samples 256 --steps 200 --horizon 3",
            "reinforce --beta 0.5 --samples 256 --steps 200 --horizon 3",
            "rloo --beta 0.5 --samples 256 --steps 200 --horizon 3",
            "rloo --beta 0.5 --samples 256 --steps 300 --horizon 5",
            "ppo --beta 0.5 --samples 256 --steps 100 --horizon 3",
            "grpo --beta 0.5 --samples 256 --steps 200 --horizon 3",
            "grpo --beta 0.04 --kl-limit inf --samples 256 --steps 200 --horizon 3",
            "dr-grpo --beta 0.5 --kl reward:k1 --samples 256 --steps 200 --horizon 3",
            "dapo --beta 0.5 --kl loss:k3 --samples 256 --steps 200 --horizon 3",
            "natural-gradient --steps 100 --lr 0.02 --epochs 2 --samples 256 --horizon 3",
            "dpo --beta 0.5 --samples 256 --steps 200 --horizon 3",
            "ipo --beta 0.1 --samples 256 --steps 200 --horizon 3",
            "kto --beta 0.5 --samples 256 --steps 200 --horizon 3");

    @TempDir
    private Path folder = Path.of("");

    @Test
    void theDocumentHoldsTheTable() throws IOException {
        assumeTrue(Files.isRegularFile(FILE), "skipped: the documents are not beside the module");
        String text = Files.readString(FILE);
        int from = text.indexOf(BEGIN) + BEGIN.length();
        int to = text.indexOf(END);
        assertThat(to).isGreaterThanOrEqualTo(from);
        if (System.getProperty("credence.write") != null) {
            assumeTrue(Files.isDirectory(PRIOR), "skipped: the shared cases are not there");
            Files.writeString(FILE, text.substring(0, from) + table() + text.substring(to));
            return;
        }
        for (String setting : SETTINGS) {
            assertThat(text.substring(from, to)).contains("| " + setting + " |");
        }
    }

    private String table() throws IOException {
        Path prompts = Files.writeString(folder.resolve("prompts.jsonl"), "\"\"\n\"t\"\n\"s\"\n\"ha\"\n");
        Path texts = folder.resolve("texts.jsonl");
        Files.writeString(texts, """
                {"prompt": "", "completion": "a"}
                {"prompt": "", "completion": "see"}
                {"prompt": "t", "completion": "oo"}
                {"prompt": "t", "completion": "ee"}
                {"prompt": "s", "completion": "ea"}
                {"prompt": "ha", "completion": "te"}
                """);
        StringBuilder table = new StringBuilder("""
                | method | aims at | KL(π‖aimed) | KL(aimed‖π) | copies | Bayes fraction | texts | seconds |
                |---|---|---|---|---|---|---|---|
                """);
        for (String setting : SETTINGS) {
            List<String> arguments = new ArrayList<>(List.of("condition", PRIOR.toString(), "--method"));
            for (String word : setting.split(" ", -1)) {
                arguments.add(word.equals("texts.jsonl") ? texts.toString() : word);
            }
            arguments.addAll(List.of("--prompts", prompts.toString(), "--bos", "yes", "--json"));
            String run = folder.resolve("run " + arguments.hashCode()).toString();
            arguments.addAll(List.of("--reward", "0.5*count:[aeiou]", "--save", run));
            JsonNode method = Cli.run(arguments.toArray(String[]::new))
                    .exits(0)
                    .json("credence.condition/1")
                    .at("/methods/0");
            table.append(row(setting, method));
        }
        return table.toString();
    }

    private static String row(String setting, JsonNode method) {
        String there = figure(method, "kl.policy_aimed", "%.4f");
        String back = figure(method, "kl.aimed_policy", "%.4f");
        if (setting.endsWith("--horizon 5")) {
            assertThat(method.at("/got/kl.policy_aimed/estimate").asDouble()).isLessThanOrEqualTo(FAITHFUL);
            assertThat(method.at("/got/kl.aimed_policy/estimate").asDouble()).isLessThanOrEqualTo(FAITHFUL);
        }
        JsonNode texts = method.path("modelCalls");
        JsonNode seconds = method.path("seconds");
        return "| "
                + String.join(
                        " | ",
                        setting,
                        method.at("/aimed/evidence").asText(),
                        there,
                        back,
                        figure(method, "copies.moment_match", "%.2f"),
                        figure(method, "bayes_fraction", "%.3f"),
                        texts.isNumber() ? String.format(Locale.ROOT, "%,d", texts.asLong()) : "–",
                        seconds.isNumber() ? String.format(Locale.ROOT, "%.1f", seconds.asDouble()) : "–")
                + " |\n";
    }

    private static String figure(JsonNode method, String id, String format) {
        JsonNode estimate = method.at("/got/" + id + "/estimate");
        if (estimate.isTextual()) {
            return estimate.asText();
        }
        return estimate.isNumber() ? String.format(Locale.ROOT, format, estimate.asDouble()) : "–";
    }
}
