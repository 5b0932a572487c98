package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.provenance.Provenance;
import dev.credence.lab.audits.RecordedLogs;
import dev.credence.lab.experiments.Effort;
import dev.credence.lab.experiments.Experiment;
import dev.credence.lab.experiments.ExperimentSettings;
import dev.credence.lab.experiments.Experiments;
import dev.credence.lab.experiments.KeptExperiments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a reader of the documents has: models, logs, texts, under the names that the documents use. */
final class ReadersFiles {
    private static final String RECORD =
            "{\"prompt\": \"It\", \"input\": \"It\", \"completion\": \" was she\", \"output\": \" was she\", \"score\": 1,"
                    + " \"reward_of_mine\": 1, \"advantage\": 0, \"step\": 299}\n";

    /** How the pages for people who come from another tool begin. */
    private static final String FROM = "from-";

    /** Whose copies stand under other names on a page: page, then name and what it is a copy of. */
    private static final Map<String, Map<String, String>> ON_PAGES = Map.of(
            "audit-your-own-checkpoint.md",
            Map.of("BASE", "base", "TUNED", "tuned"),
            "endpoints.md",
            Map.of("checkpoints/base", "base", "checkpoints/tuned", "tuned"),
            "fifty-copies.md",
            Map.of("DIR", "base", "FILE", "prompts.txt"),
            "formats.md",
            Map.of("checkpoint", "base"),
            "scale.md",
            Map.of("checkpoint", "base"),
            FROM,
            Map.of(
                    "gpt2",
                    "base",
                    "run/checkpoint-299",
                    "tuned",
                    "checkpoints/global_step_1",
                    "tuned",
                    "checkpoints/global_step_299",
                    "tuned"),
            "methods.md",
            Map.of("letters/prior", "base", "prior", "base", "policy", "tuned"),
            "recording.md",
            Map.of("run/checkpoint-299", "tuned", "run/checkpoint-298", "tuned"),
            "rewards.md",
            Map.of("runs/plays", "base"),
            "training.md",
            Map.of("plays/prior", "base"));

    private ReadersFiles() {}

    /** Writes all of them; the language model is the small one of plays. */
    static void write(Path given, Path plays) throws IOException {
        copy(plays, given.resolve("base"));
        String base = given.resolve("base").toString();
        String prompts = write(given, "prompts.jsonl", "\"ROMEO:\\n\"\n\"JULIET:\\n\"\n");
        write(given, "prompts.txt", "It was\nThey\n");
        Path drawn = given.resolve("drawn");
        condition(base, prompts, "best-of-n", "--n", "4", "--draws", "3000", "--audit-samples", "150", "--save", drawn);
        Files.move(drawn.resolve("rollouts.parquet"), given.resolve("rollouts.parquet"));
        Files.delete(drawn);
        condition(base, prompts, "rloo", "--steps", "2", "--audit-samples", "20", "--save", given.resolve("run"));
        tuned(given.resolve("run"), given.resolve("tuned"));
        logs(given);
        texts(given);
        for (String name : List.of("trained", "experiments")) {
            KeptExperiments.begin(
                    List.of(asked("which-conditional", Map.of("n", "5")), asked("sft-copies", Map.of("copies", "2"))),
                    given.resolve("runs").resolve(name),
                    new Provenance("test", "run all --quick", 1, Map.of(), List.of()));
        }
        Cli.run("resume", given.resolve("runs/trained").toString()).exits(0);
    }

    private static KeptExperiments.Asked asked(String name, Map<String, String> keys) {
        Experiment experiment = Experiments.byName(name);
        Effort quick = new Effort(Effort.Size.QUICK, false);
        return new KeptExperiments.Asked(experiment, ExperimentSettings.of(experiment, quick, keys));
    }

    private static void condition(String model, String prompts, String method, Object... more) {
        List<String> words = new ArrayList<>(
                List.of("condition", model, "--prompts", prompts, "--method", method, "--horizon", "4", "--beta", "1"));
        words.addAll(List.of("--reward", "count:[aeiou]"));
        Stream.of(more).map(Object::toString).forEach(words::add);
        assertThat(Cli.run(words.toArray(String[]::new)).exits(0).code()).isZero();
    }

    /** The model of a run without its record. */
    private static void tuned(Path run, Path tuned) throws IOException {
        Files.createDirectories(tuned);
        try (Stream<Path> files = Files.list(run)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (Files.isRegularFile(file) && name.matches(".*config.*|model.*|tokenizer.*")) {
                    Files.copy(file, tuned.resolve(name));
                }
            }
        }
        delete(run);
    }

    private static void logs(Path given) throws IOException {
        String log = RecordedLogs.log(RecordedLogs.tilt(1), 300, ", \"tokens\": 2")
                .replace("\"c\"", "\"love\"")
                .replace("\"d\"", "\"love, love\"");
        for (String name : List.of("rollouts.jsonl", "pilot.jsonl", "rloo.jsonl", "grpo.jsonl")) {
            write(given, name, log);
        }
        write(given, "log.jsonl", log.replace(", \"tokens\": 2", ""));
        write(given, "runs/latest/rollouts.jsonl", log);
        RecordedLogs.spread(given.resolve("rollouts"), 2, 1, 60);
        write(given, "run/dumps/step-1.jsonl", RecordedLogs.log(RecordedLogs.tilt(1), 300, ", \"step\": 1"));
        write(given, "dump.jsonl", RECORD.repeat(20));
        write(given, "run/completions/completions_00299.jsonl", RECORD.repeat(20));
        String told = log.replace(
                        "\"source\": \"prior\"", "\"source\": \"prior\", \"who\": \"ref\", \"finished\": \"stop\"")
                .replace("\"source\": \"policy\"", "\"source\": \"policy\", \"who\": \"pi\", \"finished\": \"stop\"")
                .replaceAll("\"logp_policy\": ([^,]*)", "$0, \"logprobs\": {\"sum\": $1}")
                .replaceAll("\"completion\": (\"[^\"]*\")", "$0, \"choices\": [{\"text\": $1}]");
        write(given, "LOG", told);
    }

    private static void texts(Path given) throws IOException {
        String play = """
                ROMEO:
                It was the lark, the herald of the morn, no nightingale.

                JULIET:
                Yon light is not day-light, I know it, I.

                """;
        write(given, "plays.txt", play.repeat(30));
        write(given, "tinyshakespeare.txt", play.repeat(30));
        write(given, "letters.jsonl", "{\"text\": \"It was the lark, the herald.\"}\n".repeat(40));
        write(given, "texts.jsonl", "{\"prompt\": \"ROMEO:\\n\", \"completion\": \" the lark\"}\n".repeat(10));
        StringBuilder pairs = new StringBuilder();
        StringBuilder approvals = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            pairs.append("{\"prompt\": \"It was\", \"chosen\": \" she " + i + "\", \"rejected\": \" he " + i + "\"}\n");
            approvals.append("{\"prompt\": \"It was\", \"completion\": \" she " + i + "\", \"approved\": "
                    + (i % 2 == 0) + "}\n");
        }
        write(given, "pairs.jsonl", pairs.toString());
        write(given, "fresh.jsonl", pairs.toString());
        write(given, "approvals.jsonl", approvals.toString());
        write(given, "world.yaml", """
                prior:  {a: 0.4, b: 0.3, c: 0.2, d: 0.1}
                rewards: {helpful: {a: 0, b: 1, c: 2, d: 3}, honest: {a: 1, b: 0, c: 1, d: 0}}
                policy: {a: 0.05, b: 0.10, c: 0.60, d: 0.25}
                """);
    }

    /** Puts what a page speaks of into the reader's folder. */
    static void lay(Path given, String page, Path folder) throws IOException {
        try (Stream<Path> files = Files.list(given)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if ((!name.equals("tuned") && !name.equals("base"))
                        || page.equals("recording.md")
                        || page.startsWith(FROM)) {
                    copy(file, folder.resolve(name));
                }
            }
        }
        for (Map.Entry<String, String> copy : ON_PAGES.getOrDefault(page.startsWith(FROM) ? FROM : page, Map.of())
                .entrySet()) {
            copy(given.resolve(copy.getValue()), folder.resolve(copy.getKey()));
        }
    }

    private static String write(Path folder, String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text).toString();
    }

    /** Copies a tree. */
    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.sorted().toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    Files.copy(file, target);
                }
            }
        }
    }

    /** Deletes a tree. */
    static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
