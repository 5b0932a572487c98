package dev.credence.lab.conditioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.provenance.ShellWord;
import dev.credence.data.runs.Metrics;
import dev.credence.data.runs.RunLock;
import dev.credence.data.runs.StoredRun;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.models.TinyCheckpoint;
import dev.credence.lab.processes.ProcessPlaces;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.training.TrainedConditioner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that draw, score and learn together come to what one comes to; one that dies loses nothing. */
class ConditioningProcessesTest {
    @TempDir
    private static Path shared = Path.of("");

    private static String prior = "";
    private static Path prompts = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void writeModel() throws IOException {
        prior = TinyCheckpoint.write(shared.resolve("prior"), 1).toString();
        prompts = Files.writeString(shared.resolve("prompts.jsonl"), "\"\"\n\"th\"\n\"a\"\n");
    }

    private String reward = "0.5*count:[ae]";

    private ConditioningPlan plan() {
        return new ConditioningPlan(
                prior,
                prompts.toString(),
                3,
                BeginToken.AUTO,
                new Asking(reward, null, 0.5, RewardType.SCORE),
                1000,
                null,
                1,
                new ConditioningPlan.Care("1", null, null, false, null));
    }

    private StoredRun begin(Path run, String name) {
        TrainedConditioner method = (TrainedConditioner) Methods.byName(name);
        return StoredRun.begin(
                run, plan().record(method, given(), new Provenance("test", "java", 1, Map.of(), List.of())));
    }

    private static MethodOptions given() {
        return MethodOptions.none()
                .with("samples", "7") // no two equal shares
                .with("steps", "6")
                .with("beta", "0.5");
    }

    private Answer go(StoredRun run, int processes, Consumer<String> report) throws IOException {
        return go(run, ProcessPlaces.here(processes), report);
    }

    private Answer go(StoredRun run, ProcessPlaces processes, Consumer<String> report) throws IOException {
        ConditioningPlan plan = plan();
        try (ModelConditioning conditioning =
                new ModelConditioning(plan.question(Prompts.read(plan.prompts())), processes, report)) {
            return new KeptConditioning(run, plan).go(conditioning, ConditioningPlan.method(run.asked()), given());
        }
    }

    private static void areClose(StoredRun run, StoredRun expected) throws IOException {
        List<Metrics.Point> alone = expected.metrics().read();
        List<Metrics.Point> together = run.metrics().read();
        assertThat(together).hasSize(6).hasSameSizeAs(alone);
        for (int i = 0; i < alone.size(); i++) {
            assertThat(together.get(i).step()).isEqualTo(alone.get(i).step());
            for (String figure : List.of("kl", "gradient_norm", "texts")) {
                double value = alone.get(i).values().getOrDefault(figure, Double.NaN);
                assertThat(together.get(i).values().get(figure))
                        .as(figure + " of step " + (i + 1))
                        .isCloseTo(value, within(1e-5 * Math.max(1, Math.abs(value))));
            }
        }
    }

    /** Rollouts with values of states, and texts that are imitated, behind tokens and without. */
    @ParameterizedTest
    @ValueSource(strings = {"ppo", "quark"})
    void twoAreAsOne(String method) throws IOException {
        StoredRun one = begin(folder.resolve("one"), method);
        Answer alone = go(one, 1, line -> {});
        StoredRun two = begin(folder.resolve("two"), method);
        Answer together = go(two, 2, line -> {});
        areClose(two, one);
        String fraction = "bayes_fraction";
        assertThat(together.findings().get(fraction).estimate())
                .isCloseTo(alone.findings().get(fraction).estimate(), within(1e-4));
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "needs a shell")
    void aProgramIsAskedByTheFirstAloneAndOneThatFailsLosesNothing() throws IOException {
        Path asked = folder.resolve("asked");
        Path program = Files.writeString(
                folder.resolve("program"),
                "echo >> '" + asked + "'\n[ $(wc -l < '" + asked + "') -ne 8 ] || exit 3\n"
                        + "exec awk '{ print gsub(/[ae]/, \"\") / 2 }'\n");
        reward = "command:sh '" + program + "'";
        StoredRun two = begin(folder.resolve("two"), "rloo");
        assertThatThrownBy(() -> go(two, 2, line -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ended with exit code 3; the checkpoint of step 2 is kept");
        KeptConditioning.resume(two, ProcessPlaces.here(2), line -> {});
        long together = Files.size(asked);
        StoredRun one = begin(folder.resolve("one"), "rloo");
        go(one, 1, line -> {});
        assertThat(together)
                .as(
                        "a call a prompt and step, and one a prompt for the audit; one failed, and the one before was asked again")
                .isEqualTo(6 * 3 + 3 + 2);
        assertThat(Files.size(asked) - together)
                .as("calls of one process: those of two, less the one that failed and the one before it in its step")
                .isEqualTo(together - 2);
        areClose(two, one);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tilt", "best-of-n", "smc"})
    void aProgramIsNotAskedTextByText(String method) {
        reward = "command:exit 1";
        ConditioningPlan plan = plan();
        try (ModelConditioning conditioning =
                new ModelConditioning(plan.question(Prompts.read(plan.prompts())), line -> {})) {
            assertThatThrownBy(() -> conditioning.require(Methods.byName(method), MethodOptions.none()))
                    .isInstanceOf(InputException.class)
                    .hasMessage(
                            "reward is command:exit 1; a program or a server is asked about many texts at a time, and "
                                    + method + " asks one by one; methods that train take it");
        }
    }

    /** Before another process is started, whose files and meeting would be those of the first's. */
    @Test
    void aRunThatIsGoingOnIsLeftToItsOwnProcesses() throws IOException {
        StoredRun run = begin(folder.resolve("one"), "rloo");
        try (RunLock lock = RunLock.take(run.path())) {
            assertThat(lock).isNotNull();
            Path meeting = Files.createFile(run.path().resolve(".processes"));
            assertThatThrownBy(() -> KeptConditioning.resume(run, ProcessPlaces.here(2), line -> {}))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("in use: another process writes to this run");
            assertThat(meeting).exists();
            assertThat(run.processLog(1)).doesNotExist();
        }
        assertThat(StoredRun.isThere(run.path())).isTrue();
    }

    /** Another address of this machine stands for another machine, and a script for ssh. */
    @Test
    @DisabledOnOs(value = OS.MAC, disabledReason = "127.0.0.2 is no address there")
    void anotherMachineIsReachedByAShellThere() throws IOException {
        Path asked = folder.resolve("asked");
        Path ssh = Files.writeString(
                folder.resolve("ssh"), "#!/bin/sh\necho \"$1 $2\" > '" + asked + "'\nexec sh -c \"$2\"\n");
        Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwx------"));
        StoredRun one = begin(folder.resolve("one"), "rloo");
        go(one, 1, line -> {});
        StoredRun two = begin(folder.resolve("two"), "rloo");
        System.setProperty("credence.ssh", ssh.toString());
        try {
            go(two, new ProcessPlaces(2, List.of("127.0.0.1", "127.0.0.2")), line -> {});
        } finally {
            System.clearProperty("credence.ssh");
        }
        assertThat(asked)
                .content()
                .startsWith("127.0.0.2 cd ")
                .contains("-Dcredence.ssh=" + ssh); // as other properties, which say how to compute
        areClose(two, one);
    }

    @Test
    @DisabledOnOs(value = OS.MAC, disabledReason = "127.0.0.2 is no address there")
    void whatAnotherSaidLastIsTheCauseInWords() throws IOException {
        Path ssh = Files.writeString(
                folder.resolve("ssh"),
                "#!/bin/sh\necho '[1] met nobody'\necho 'Exception in thread \"main\" java.lang.IllegalStateException: no such"
                        + " device'\necho '\tat a.B.c(B.java:1)'\nexit 1\n");
        Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwx------"));
        StoredRun run = begin(folder.resolve("one"), "rloo");
        System.setProperty("credence.ssh", ssh.toString());
        try {
            assertThatThrownBy(() -> go(run, new ProcessPlaces(2, List.of("127.0.0.1", "127.0.0.2")), line -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "process 1 of 2 on 127.0.0.2 ended with code 1 (no such device); there was no checkpoint"
                                    + " yet: `resume " + ShellWord.of(run.path().toString())
                                    + "` begins again at step 0");
        } finally {
            System.clearProperty("credence.ssh");
        }
    }

    @Test
    void oneThatDiesIsNamedAndGoneOnWithoutInAnotherNumber() throws IOException {
        StoredRun one = begin(folder.resolve("one"), "rloo");
        go(one, 1, line -> {});
        StoredRun broken = begin(folder.resolve("broken"), "rloo");
        assertThatThrownBy(() -> go(broken, 2, line -> {
                    if (line.contains("step 1/6")) {
                        ProcessHandle.current()
                                .children()
                                .filter(process ->
                                        process.info().command().orElse("").endsWith("java"))
                                .forEach(ProcessHandle::destroyForcibly);
                    }
                }))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("process 1 of 2 ended with code");
        KeptConditioning.resume(broken, ProcessPlaces.here(3), line -> {});
        areClose(broken, one);
    }
}
