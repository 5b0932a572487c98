package dev.credence.lab.training;

import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.data.corpora.Corpus;
import dev.credence.data.corpora.CorpusReader;
import dev.credence.data.files.InputFiles;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.worlds.Network;
import dev.credence.worlds.NetworkSampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/** A corpus as a user names it: files, or a world whose prior draws the documents. */
public final class CorpusInput {
    private CorpusInput() {}

    /**
     * The arguments as they hold in every working folder, for a run's record.
     *
     * @param arguments files, patterns and folders, or one world
     * @return the files by their whole names, or the world
     */
    public static List<String> absolute(List<String> arguments) {
        List<String> absolute = new ArrayList<>();
        for (String argument : arguments.size() == 1 && WorldInput.isWorld(arguments.get(0))
                ? arguments
                : InputFiles.expand(arguments)) {
            boolean isFile = Files.exists(Path.of(argument));
            absolute.add(isFile ? Path.of(argument).toAbsolutePath().normalize().toString() : argument);
        }
        return absolute;
    }

    /**
     * Reads it.
     *
     * @param arguments files, or one world
     * @param settings how they fall into documents
     * @param seed of the documents drawn from a world
     * @return the documents, and the files with their hashes
     * @throws IOException if reading fails
     * @throws InputException if a file breaks a rule, or a world stands among files
     */
    public static Corpus read(List<String> arguments, CorpusSettings settings, long seed) throws IOException {
        if (arguments.size() == 1 && WorldInput.isWorld(arguments.get(0))) {
            Optional<NetworkInput> network = NetworkInput.read(arguments.get(0));
            if (network.isPresent()) {
                List<String> drawn = draw(network.get().network(), settings.draws(), seed);
                return new Corpus(drawn, List.of(network.get().input()));
            }
            WorldInput world = WorldInput.read(arguments.get(0));
            return new Corpus(draw(world.world().prior(), settings.draws(), seed), List.of(world.input()));
        }
        for (String argument : arguments) {
            if (WorldInput.isWorld(argument)) {
                throw new InputException(argument, 0, "", "a world", "a corpus is one world, or files of texts");
            }
        }
        return new CorpusReader(settings.documents(), settings.field()).read(arguments);
    }

    /** Documents of a network, whose texts need not be written down: a prompt by its weight, then a text. */
    private static List<String> draw(Network network, int draws, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Distribution prompts = prompts(network.prompts(), network::weight);
        Map<String, NetworkSampler> samplers = new LinkedHashMap<>();
        List<String> documents = new ArrayList<>();
        for (int i = 0; i < draws; i++) {
            String prompt = prompts.outcome(prompts.sample(random));
            NetworkSampler sampler =
                    samplers.computeIfAbsent(prompt, name -> network.prior(name).sampler());
            documents.add(prompt + sampler.draw(random).text());
        }
        return documents;
    }

    private static Distribution prompts(List<String> prompts, ToDoubleFunction<String> weight) {
        Map<String, Double> weights = new LinkedHashMap<>();
        prompts.forEach(prompt -> weights.put(prompt, weight.applyAsDouble(prompt)));
        return Distribution.normalised(weights);
    }

    /** Documents of the prior: a prompt by its weight, then an outcome. */
    private static List<String> draw(TableModel prior, int draws, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Distribution prompts = prompts(prior.prompts(), prior::weight);
        List<String> documents = new ArrayList<>();
        for (int i = 0; i < draws; i++) {
            String prompt = prompts.outcome(prompts.sample(random));
            Distribution outcomes = prior.given(prompt);
            documents.add(prompt + outcomes.outcome(outcomes.sample(random)));
        }
        return documents;
    }
}
