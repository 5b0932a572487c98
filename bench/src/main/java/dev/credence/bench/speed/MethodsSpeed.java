package dev.credence.bench.speed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.bench.speed.MethodsTask.Setting;
import dev.credence.core.model.Sampling;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.OpenModel;
import dev.credence.methods.training.Training;
import dev.credence.torch.training.Trainable;
import dev.credence.torch.training.TransformerPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Methods that train, here and in TRL: the time of a step, and the time to a KL from the posterior.
 *
 * @param speed takes turns with the peer
 * @param cases folder of the models
 * @param seed of all our draws
 */
record MethodsSpeed(TorchSpeed speed, Path cases, long seed) {
    private static final String PEER = "trl_methods.py";
    private static final int WARM_UP = 3;
    private static final int PAIRS = 600; // of a prompt, where pairs are stored
    private static final int OFTEN = 50; // steps in which the KL is computed after every fifth, then every twentieth

    /** Steps of one method, ours and TRL's in turns; ours draw what they learn from. */
    TorchPairs steps(MethodsTask task, Setting setting, double goal) throws IOException {
        return steps(task, setting, goal, false);
    }

    /** The same on pairs that both have drawn, and scored under the reference, before. */
    TorchPairs stepsOnStored(MethodsTask task, Setting setting, double goal) throws IOException {
        return steps(task, setting, goal, true);
    }

    private TorchPairs steps(MethodsTask task, Setting setting, double goal, boolean stored) throws IOException {
        String folder = folder(task);
        Path prompts = prompts(task);
        try (OpenModel prior = OpenModel.open(folder);
                TransformerPolicy policy =
                        TransformerPolicy.of(prior.transformer(), Trainable.all(), setting.optimiser())) {
            RandomGenerator random = new SplittableRandom(seed);
            Training training = task.begin(prior, stored ? stored(task, prior, policy, random) : policy, setting);
            List<String> arguments = arguments(task, setting, prompts);
            if (stored) {
                arguments.addAll(List.of("--pairs", Integer.toString(PAIRS), "--reference", "once"));
            }
            arguments.addAll(List.of("--warm-up", Integer.toString(WARM_UP), "--steps", "100000"));
            TorchSpeed.Task compared = new TorchSpeed.Task(
                    task.name() + ", " + setting.method() + (stored ? " on stored pairs, " : ", ") + setting.samples()
                            + " × " + task.prompts().size(),
                    "steps",
                    goal,
                    PEER,
                    arguments);
            return speed.measure(compared, new TorchWork() {
                @Override
                public double run() {
                    training.step(random);
                    return 1;
                }

                @Override
                public String contradiction(JsonNode figures) {
                    return figures.path("seconds").asDouble() > 0 ? "" : "it names no seconds: " + figures;
                }
            });
        } finally {
            Files.delete(prompts);
        }
    }

    private static StoredDraws stored(
            MethodsTask task, OpenModel prior, TransformerPolicy policy, RandomGenerator random) {
        List<int[]> prompts = task.prompts().stream()
                .map(prompt -> prior.prompt(prompt, BeginToken.YES))
                .toList();
        return new StoredDraws(policy, prompts, 2 * PAIRS, Sampling.upTo(task.horizon()), random);
    }

    /** Our way to a KL. */
    MethodsPath ours(MethodsTask task, Setting setting, int steps, double enough) {
        try (OpenModel prior = OpenModel.open(folder(task));
                TransformerPolicy policy =
                        TransformerPolicy.of(prior.transformer(), Trainable.all(), setting.optimiser())) {
            PosteriorGap gap = gap(task, prior);
            Training training = task.begin(prior, policy, setting);
            RandomGenerator random = new SplittableRandom(seed);
            List<MethodsPath.Point> points = new ArrayList<>();
            double seconds = 0;
            for (int step = 1; step <= steps && !arrived(points, enough); step++) {
                long began = System.nanoTime();
                training.step(random);
                seconds += (System.nanoTime() - began) / 1e9;
                if (isLookedAt(step)) {
                    points.add(new MethodsPath.Point(step, seconds, gap.of(policy.transformer())));
                }
            }
            return new MethodsPath("Credence: " + setting, points, "");
        }
    }

    /** TRL's way, at most so many seconds of training long. */
    MethodsPath theirs(MethodsTask task, Setting setting, String positions, double enough, double seconds)
            throws IOException {
        String title = "TRL, positions by " + positions + ": " + setting;
        Path prompts = prompts(task);
        Path saved = Files.createTempDirectory("credence-policy");
        List<String> arguments = arguments(task, setting, prompts);
        arguments.addAll(List.of("--positions", positions, "--threads", Integer.toString(speed.threads())));
        arguments.addAll(List.of("--steps", Integer.toString(setting.cosine() == 0 ? 100_000 : setting.cosine())));
        try (OpenModel prior = OpenModel.open(folder(task));
                TorchPeer peer = speed.peers().start(PEER, arguments)) {
            PosteriorGap gap = gap(task, prior);
            List<MethodsPath.Point> points = new ArrayList<>();
            double spent = 0;
            int most = setting.cosine() == 0 ? Integer.MAX_VALUE : setting.cosine() - 1; // after the last it is gone
            for (int step = 1; step <= most && spent < seconds && !arrived(points, enough); step++) {
                spent += peer.turn().path("seconds").asDouble();
                if (isLookedAt(step)) {
                    peer.ask(saved.toString());
                    try (OpenModel policy = OpenModel.open(saved.toString())) {
                        points.add(new MethodsPath.Point(step, spent, gap.of(policy.transformer())));
                    }
                }
            }
            return new MethodsPath(title, points, "");
        } catch (IOException e) {
            return new MethodsPath(title, List.of(), String.valueOf(e.getMessage()));
        } finally {
            Files.delete(prompts);
            delete(saved);
        }
    }

    private static boolean arrived(List<MethodsPath.Point> points, double enough) {
        return !points.isEmpty() && points.get(points.size() - 1).kl() <= enough;
    }

    private static boolean isLookedAt(int step) {
        return step % (step <= OFTEN ? 5 : 20) == 0;
    }

    private static PosteriorGap gap(MethodsTask task, OpenModel prior) {
        return new PosteriorGap(prior, task.prompts(), task.horizon(), task.expression(), task.beta());
    }

    private String folder(MethodsTask task) {
        return cases.resolve(task.name()).resolve("prior").toString();
    }

    private static Path prompts(MethodsTask task) throws IOException {
        Path prompts = Files.createTempFile("credence-prompts", ".json");
        prompts.toFile().deleteOnExit(); // where a signal ends the process
        return Files.writeString(
                prompts, new ObjectMapper().writeValueAsString(task.prompts()), StandardCharsets.UTF_8);
    }

    private List<String> arguments(MethodsTask task, Setting setting, Path prompts) {
        List<String> arguments = new ArrayList<>(List.of(folder(task), "--method", setting.method()));
        arguments.addAll(List.of("--prompts", prompts.toString(), "--reward", task.peerReward()));
        arguments.addAll(List.of("--beta", Double.toString(task.beta()), "--new", Integer.toString(task.horizon())));
        arguments.addAll(List.of("--samples", Integer.toString(setting.samples())));
        arguments.addAll(List.of("--lr", Double.toString(setting.rate())));
        arguments.addAll(List.of("--schedule", setting.cosine() == 0 ? "constant" : "cosine"));
        return arguments;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
