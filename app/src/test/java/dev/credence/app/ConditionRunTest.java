package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.lab.models.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The run's folder of conditioning a model: resumed, killed, interrupted, diverged. */
class ConditionRunTest {
    private static final String MODEL = "model.safetensors";

    @TempDir
    private static Path shared = Path.of("");

    private static String prior = "";
    private static String prompts = "";

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void writeModel() throws IOException {
        prior = TinyCheckpoint.write(shared.resolve("prior"), 1).toString();
        prompts = Files.writeString(shared.resolve("prompts.jsonl"), "\"\"\n\"th\"\n")
                .toString();
    }

    private static String[] condition(Path run, String settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "condition",
                prior,
                "--prompts",
                prompts,
                "--horizon",
                "2",
                "--reward",
                "0.5*count:[ae]",
                "--beta",
                "0.5",
                "--save",
                run.toString(),
                "--method"));
        arguments.addAll(List.of(settings.split(" ", -1)));
        return arguments.toArray(new String[0]);
    }

    /** A run as if it had been killed right behind an earlier checkpoint. */
    private static void killBehind(Path run, long step) throws IOException {
        for (String file : List.of("result.json", MODEL, "config.json")) {
            Files.deleteIfExists(run.resolve(file));
        }
        try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
            for (Path each : checkpoints.toList()) {
                if (Long.parseLong(each.getFileName().toString().substring(5)) > step) {
                    delete(each);
                }
            }
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** What is resumed and to which bits, method by method, is the library's to show; here is what the command says of it. */
    @Test
    void aResumedRunEndsWithTheSameBytes() throws IOException {
        Path run = folder.resolve("run");
        Cli.run(condition(run, "ppo --epochs 2 --samples 16 --steps 9 --checkpoint-every 1"))
                .exits(0);
        byte[] model = Files.readAllBytes(run.resolve(MODEL));
        JsonNode got = got(run);
        long last = lastCheckpoint(run);
        killBehind(run, last - 1); // the one before is kept too
        Cli cli = Cli.run("resume", run.toString()).exits(0);
        assertThat(cli.err()).contains("going on from step " + (last - 1));
        assertThat(cli.out()).contains("KL(π‖asked)");
        assertThat(Files.readAllBytes(run.resolve(MODEL))).isEqualTo(model);
        assertThat(got(run)).isEqualTo(got);
    }

    /** One prompt by itself is the file that holds it; a run goes on with it, also where a file of options named all else. */
    @Test
    void aPromptStandsInThePlaceOfAFile() throws IOException {
        String one = Files.writeString(folder.resolve("one.jsonl"), "\"th\"\n").toString();
        List<String> arguments =
                new ArrayList<>(List.of(condition(folder.resolve("file"), "rloo --samples 16 --steps 4")));
        arguments.set(arguments.indexOf("--prompts") + 1, one);
        Cli.run(arguments.toArray(new String[0])).exits(0);
        arguments.set(arguments.indexOf("--prompts") + 1, "th");
        arguments.set(arguments.indexOf("--prompts"), "--prompt");
        Path run = folder.resolve("text");
        arguments.set(arguments.indexOf("--save") + 1, run.toString());
        arguments.addAll(List.of("--checkpoint-every", "1"));
        List<String> config = new ArrayList<>(List.of("condition"));
        config.addAll(arguments.subList(2, arguments.size()));
        config.add("--print-config");
        String file = Files.writeString(
                        folder.resolve("c.yaml"),
                        Cli.run(config.toArray(new String[0])).exits(0).out())
                .toString();
        Cli.run("condition", prior, "--config", file).exits(0);
        assertThat(got(run)).isEqualTo(got(folder.resolve("file")));
        killBehind(run, 3);
        Cli.run("resume", run.toString()).exits(0);
        assertThat(got(run)).isEqualTo(got(folder.resolve("file")));
        arguments.addAll(List.of("--prompts", one));
        assertThat(Cli.run(arguments.toArray(new String[0])).exits(2).err())
                .contains("option --prompt is th; give a prompt or --prompts, a file of them, not both");
        assertThat(Cli.run("condition", "t1", "--method", "tilt", "--prompt", "a")
                        .exits(2)
                        .err())
                .contains("option --prompt is a; no method named here has it");
    }

    private static JsonNode got(Path run) throws IOException {
        return got(run, 0);
    }

    private static JsonNode got(Path run, int method) throws IOException {
        JsonNode result = Cli.json(Files.readString(run.resolve("result.json")), "credence.condition/1");
        return result.at("/methods/" + method + "/got");
    }

    private static long lastCheckpoint(Path run) throws IOException {
        List<String> names = names(run.resolve("checkpoints"));
        return Long.parseLong(names.get(names.size() - 1).substring(5));
    }

    @Test
    void theFolderSaysWhatWasDone() throws IOException {
        Path run = folder.resolve("run");
        Cli cli = Cli.run(condition(run, "ppo --samples 16 --steps 5 --checkpoint-every 2 --tensorboard"))
                .exits(0);
        assertThat(cli.err()).contains("ppo: step 5/5", "steps/s", "left", "the policy is in " + run);
        List<JsonNode> metrics = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            metrics.add(new ObjectMapper().readTree(line));
        }
        assertThat(metrics)
                .hasSize(5)
                .allSatisfy(line -> assertThat(line.fieldNames())
                        .toIterable()
                        .contains(
                                "step",
                                "reward",
                                "kl",
                                "effective_share",
                                "moved_kl_epoch_1",
                                "moved_kl_epoch_4",
                                "loss",
                                "gradient_norm",
                                "entropy",
                                "texts",
                                "seconds"));
        assertThat(metrics.get(0).get("kl").asDouble()).isCloseTo(0, within(1e-5));
        assertThat(metrics.get(4).get("texts").asLong()).isEqualTo(5L * 2 * 16 * (2 + 4 + 1));
        assertThat(names(run.resolve("checkpoints"))).containsExactly("step-00000004", "step-00000005");
        assertThat(run.resolve("tensorboard")).isNotEmptyDirectory();
        JsonNode runs = Cli.run("runs", folder.toString(), "--json").exits(0).json("credence.runs/1");
        assertThat(runs.at("/runs/0/kind").asText()).isEqualTo("condition");
        assertThat(runs.at("/runs/0/steps").asText()).isEqualTo("5");
        assertThat(runs.at("/runs/0/reward").asDouble()).isPositive();
        Path page = folder.resolve("page.html");
        Cli.run("report", run.toString(), "-o", page.toString()).exits(0);
        assertThat(Files.readString(page)).contains("KL from the prior", "Reward", "Entropy", "Effective share");
        assertThat(Cli.run("resume", run.toString()).exits(0).err()).contains("nothing left to do");
        assertThat(Cli.run(condition(run, "rloo")).exits(2).err()).contains("a run is never written over");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rloo --lr 1e10          | policy            | log-probabilities are not finite | lower lr",
                "rloo --lr 0.05 --kl-limit 0.3 --checkpoint-every 1 | kl | past the limit of 0.3 | raise beta"
            })
    void aDivergenceStopsWithItsCause(String settings, String cause, String words, String advice) throws IOException {
        Path run = folder.resolve("run");
        Cli cli = Cli.run(condition(run, settings + " --samples 16 --steps 40")).exits(1);
        assertThat(cli.err()).contains("credence: training diverged at step ", words, advice);
        JsonNode said = Cli.json(Files.readString(run.resolve("divergence.json")), "credence.divergence/1");
        assertThat(said.get("cause").asText()).isEqualTo(cause);
        assertThat(said.get("advice").asText()).contains(advice);
        assertThat(Cli.run("runs", folder.toString()).exits(0).out()).contains("diverged");
        Cli again = Cli.run("resume", run.toString()).exits(2);
        assertThat(again.err()).contains("a run that diverged", "it would diverge again");
        assertThat(run.resolve(MODEL)).doesNotExist();
        if (!said.get("checkpoint").isNull()) {
            long good = said.get("checkpoint").asLong();
            assertThat(good).isLessThan(said.get("step").asLong() - 1);
            assertThat(lastCheckpoint(run)).isEqualTo(good);
            assertThat(cli.err()).contains("the last good checkpoint is " + run);
            audit(run).exits(0);
        } else {
            assertThat(cli.err()).contains("no checkpoint was good yet");
        }
    }

    private static Cli audit(Path policy) {
        return Cli.run(
                "audit",
                "--exact",
                "--horizon",
                "2",
                "--prior",
                prior,
                "--policy",
                policy.toString(),
                "--prompts",
                prompts,
                "--reward",
                "0.5*count:[ae]",
                "--beta",
                "0.5");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--kl-limit 0            | option --kl-limit is 0; it must be above 0, or inf",
                "--kl-limit NaN          | option --kl-limit is NaN; it must be above 0, or inf",
                "--ess-limit 1           | option --ess-limit is 1.0; it must be in [0, 1)",
                "--checkpoint-every 0    | option --checkpoint-every is 0; it is a number of steps",
                "--checkpoint-every soon | option --checkpoint-every is soon; it is a number of steps",
                "--lr x                  | option --lr is x; it must be a number"
            })
    void badSettingsAreRefusedAndLeaveNothing(String option, String message) {
        Path run = folder.resolve("run");
        assertThat(Cli.run(condition(run, "rloo " + option)).exits(2).err()).contains(message);
        assertThat(run).doesNotExist();
    }

    /** Kills a run at random moments, over and over; -Dcredence.kills=N for another number. */
    @Test
    void aRunKilledAtRandomMomentsEndsWithTheSameBytes() throws IOException, InterruptedException {
        int kills = Integer.getInteger("credence.kills", 1);
        String settings = "ppo --epochs 2 --adaptive-kl 0.1 --samples 8 --steps " + 100 * (kills + 1);
        Path whole = folder.resolve("whole");
        Cli.run(condition(whole, settings + " --checkpoint-every 1000")).exits(0);
        Path run = folder.resolve("run");
        SplittableRandom random = new SplittableRandom(6);
        Process process = start(condition(run, settings + " --checkpoint-every 2"));
        for (int kill = 0; kill < kills; kill++) {
            waitForCheckpoint(run, process);
            Thread.sleep(random.nextInt(150));
            process.destroyForcibly();
            process.waitFor();
            assertThat(run.resolve("result.json"))
                    .as("not done before kill %d", kill)
                    .doesNotExist();
            process = start("resume", run.toString());
        }
        waitForCheckpoint(run, process);
        process.destroy(); // asks; the run writes a checkpoint of where it stands
        process.waitFor();
        String log = Files.readString(folder.resolve("child.log"));
        assertThat(log).contains("going on from step", "interrupted after step", "credence resume " + run);
        assertThat(log).contains("interrupted after step " + lastCheckpoint(run) + ";");
        assertThat(run.resolve(MODEL)).doesNotExist();
        audit(run).exits(0);
        Cli.run("resume", run.toString()).exits(0);
        assertThat(run.resolve(MODEL)).hasSameBinaryContentAs(whole.resolve(MODEL));
    }

    /** Asked to end while a program is at work on a step's rewards; Ctrl-C reaches that program too, which answers first. */
    @Test
    void anInterruptWhileRewardsAreAskedLosesNothing() throws IOException, InterruptedException {
        Path asked = folder.resolve("asked");
        String[] slow = condition(folder.resolve("run"), "rloo --samples 8 --steps 1000 --checkpoint-every 1000");
        slow[7] = "command:echo $$ > " + asked + "; while read line; do sleep .05; echo ${#line}; done";
        Process process = start(slow);
        while (process.isAlive() && (!Files.exists(asked) || Files.size(asked) == 0)) {
            Thread.sleep(5);
        }
        String both =
                "kill -INT " + process.pid() + " " + Files.readString(asked).strip();
        assertThat(new ProcessBuilder("/bin/sh", "-c", both).start().waitFor()).isZero();
        assertThat(process.waitFor()).isEqualTo(130);
        assertThat(Files.readString(folder.resolve("child.log"))).contains("interrupted after step");
        assertThat(lastCheckpoint(folder.resolve("run"))).isPositive();
    }

    /** Killed in the first that trains, interrupted in the last: each is where it was, and all come to one table and one page. */
    @Test
    void severalMethodsGoOnAsOneRun() throws IOException, InterruptedException {
        String settings = "rloo,best-of-n,ppo --samples 8 --steps 80 --checkpoint-every 2 --epochs 2 --n 3 -o ";
        Path whole = folder.resolve("whole");
        Cli done = Cli.run(condition(whole, settings + folder.resolve("whole.html")))
                .exits(0);
        Path run = folder.resolve("run");
        Path page = folder.resolve("run.html");
        Process process = start(condition(run, settings + page));
        waitForCheckpoint(run.resolve("rloo"), process);
        process.destroyForcibly();
        process.waitFor();
        assertThat(run.resolve("rloo/result.json")).doesNotExist();
        assertThat(run.resolve("ppo")).doesNotExist();
        assertThat(status(run)).isEqualTo(List.of("methods resumable", "condition resumable"));
        process = start("resume", run.toString());
        waitForCheckpoint(run.resolve("ppo"), process);
        process.destroy();
        process.waitFor();
        assertThat(Files.readString(folder.resolve("child.log")))
                .contains("`credence resume " + run + "` goes on with all methods", "interrupted after step")
                .contains("is kept: `credence resume " + run + "` goes on from there");
        byte[] rloo = Files.readAllBytes(run.resolve("rloo").resolve(MODEL));
        Cli cli = Cli.run("resume", run.toString()).exits(0);
        assertThat(cli.out()).isEqualTo(done.out());
        assertThat(page).content().contains("rloo", "best-of-n", "ppo");
        for (String method : List.of("rloo", "ppo")) {
            assertThat(run.resolve(method).resolve(MODEL))
                    .hasSameBinaryContentAs(whole.resolve(method).resolve(MODEL));
        }
        assertThat(run.resolve("rloo").resolve(MODEL)).hasBinaryContent(rloo);
        for (int method = 0; method < 3; method++) {
            assertThat(got(run, method)).isEqualTo(got(whole, method));
        }
        assertThat(status(run)).isEqualTo(List.of("methods done", "condition done", "condition done"));
        Cli again = Cli.run("resume", run.toString(), "--json").exits(0);
        assertThat(again.json("credence.condition/1").get("methods")).hasSize(3);
        assertThat(again.err()).contains("nothing left to do");
        Path curves = folder.resolve("curves.html");
        Cli.run("report", run.toString(), "-o", curves.toString()).exits(0);
        assertThat(curves).content().contains("KL from the prior", "rloo", "ppo");
    }

    private List<String> status(Path run) {
        List<String> status = new ArrayList<>();
        JsonNode runs = Cli.run("runs", folder.toString(), "--json").exits(0).json("credence.runs/1");
        for (JsonNode one : runs.get("runs")) {
            if (Path.of(one.get("run").asText()).startsWith(run)) {
                status.add(one.get("kind").asText() + " " + one.get("status").asText());
            }
        }
        return status;
    }

    @Test
    void severalMethodsOfWhichNoneBeganLeaveNothing() throws IOException {
        Path run = folder.resolve("run");
        assertThat(Cli.run(condition(run, "rloo,ppo --lr x")).exits(2).err()).contains("option --lr is x");
        assertThat(run).doesNotExist();
        assertThat(Cli.run(condition(run, "rloo,best-of-n --n 0 --steps 1"))
                        .exits(2)
                        .err())
                .contains("option --n is 0");
        assertThat(run).doesNotExist();
    }

    /** It diverges, the others go on, also after a kill, and its row says why it has no figure; JSON and page come out each time. */
    @Test
    void oneThatDivergesDoesNotKeepTheOthers() throws IOException {
        Path run = folder.resolve("run");
        Path json = folder.resolve("table.json");
        Path page = folder.resolve("page.html");
        String cause = "training diverged at step 2: the policy's log-probabilities are not finite; lower lr";
        Cli whole = Cli.run(condition(
                        run, "rloo,best-of-n,tilt --lr 1e10 --samples 16 --n 3 --json " + json + " -o " + page))
                .exits(1);
        assertThat(whole.err()).contains("credence: rloo came to nothing: " + cause);
        assertThat(whole.out())
                .containsPattern("best-of-n n=3 +\\w")
                .containsPattern("rloo .* +failed")
                .contains("failed: " + cause);
        assertThat(status(run)).isEqualTo(List.of("methods done", "condition diverged"));
        JsonNode document = Cli.json(Files.readString(json), "credence.condition/1");
        assertThat(document.get("methods")).hasSize(2);
        assertThat(document.at("/failed/0/method").asText()).isEqualTo("rloo");
        assertThat(document.at("/failed/0/cause").asText()).contains(cause);
        assertThat(Files.readString(page)).contains(cause.substring(0, 27), "best-of-n");
        assertThat(Cli.run("resume", run.toString()).exits(0).err()).contains("nothing left to do");
        for (Path made : List.of(run.resolve("result.json"), json, page)) {
            Files.delete(made); // as if it had been killed in the second
        }
        assertThat(status(run)).isEqualTo(List.of("methods resumable", "condition diverged"));
        Cli resumed = Cli.run("resume", run.toString()).exits(1);
        assertThat(resumed.out()).isEqualTo(whole.out());
        assertThat(Cli.json(Files.readString(json), "credence.condition/1").get("failed"))
                .isEqualTo(document.get("failed"));
        assertThat(page).content().contains("best-of-n");
    }

    /** What cannot be done at all is said before anything has trained. */
    @Test
    void aMethodThatCannotLearnFromTheEvidenceIsRefusedBeforeOthersTrain() throws IOException {
        Path run = folder.resolve("run");
        List<String> arguments = new ArrayList<>(List.of(condition(run, "filtered-sft,rloo --samples 8 --steps 2")));
        int reward = arguments.indexOf("--reward");
        arguments.set(reward, "--evidence");
        arguments.set(reward + 1, "contains:a");
        arguments.add("--threshold=-1");
        assertThat(Cli.run(arguments.toArray(new String[0])).exits(2).err())
                .contains("rloo learns from the log-likelihood itself")
                .doesNotContain("filtered-sft: step");
        assertThat(run).doesNotExist();
    }

    /** Where JSON goes is the run's: a file is written by whoever ends it, unless another is named then. */
    @Test
    void aResumedRunWritesTheJsonThatWasAskedFor() throws IOException {
        Path run = folder.resolve("run");
        Path json = folder.resolve("one.json");
        Cli.run(condition(run, "rloo --samples 16 --steps 4 --checkpoint-every 1 --json " + json))
                .exits(0);
        killBehind(run, 3);
        Files.delete(json);
        Cli.run("resume", run.toString()).exits(0);
        assertThat(got(run))
                .isEqualTo(
                        Cli.json(Files.readString(json), "credence.condition/1").at("/methods/0/got"));
        Files.delete(json); // the process ended between result and file
        Cli.run("resume", run.toString()).exits(0);
        assertThat(json).exists();
        killBehind(run, 3);
        Path other = folder.resolve("other.json");
        Files.delete(json);
        Cli.run("resume", run.toString(), "--json", other.toString()).exits(0);
        assertThat(other).exists();
        assertThat(json).doesNotExist();
    }

    @Test
    void severalMethodsOfWhichAllDivergedDoNotGoOn() throws IOException {
        Path run = folder.resolve("run");
        String settings = "rloo,ppo --lr 1e10 --samples 16 --steps 40";
        Cli.run(condition(run, settings)).exits(1);
        assertThat(status(run)).isEqualTo(List.of("methods diverged", "condition diverged", "condition diverged"));
        assertThat(Cli.run("resume", run.toString()).exits(2).err())
                .contains(run.resolve("rloo").resolve("divergence.json").toString(), "it would diverge again");
    }

    /** What was put where a method's run was is not taken for it. */
    @Test
    void anotherRunIsNotTakenForAMethods() throws IOException {
        Path run = folder.resolve("run");
        Cli.run(condition(run, "rloo,tilt --samples 8 --steps 2")).exits(0);
        Files.delete(run.resolve("result.json"));
        delete(run.resolve("rloo"));
        Cli.run(condition(run.resolve("rloo"), "rloo --samples 8 --steps 3")).exits(0);
        assertThat(Cli.run("resume", run.toString()).exits(2).err())
                .contains("field 'arguments' is", "another run was put in its place");
    }

    private Process start(String... arguments) throws IOException {
        return Cli.process(folder.resolve("child.log"), arguments).start();
    }

    /** Until the process has written a checkpoint of its own. */
    private static void waitForCheckpoint(Path run, Process process) throws IOException, InterruptedException {
        Path checkpoints = run.resolve("checkpoints");
        List<String> before = names(checkpoints);
        while (process.isAlive()
                && (names(checkpoints).isEmpty() || names(checkpoints).equals(before))) {
            Thread.sleep(5);
        }
    }

    private static List<String> names(Path checkpoints) throws IOException {
        if (!Files.isDirectory(checkpoints)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(checkpoints)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("step-"))
                    .sorted()
                    .toList();
        }
    }
}
