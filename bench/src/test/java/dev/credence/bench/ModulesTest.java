package dev.credence.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Each library's jar is a module that says what it needs and shows no internals")
class ModulesTest {
    private static final String ROOT = "dev.credence.";

    /** Packages that no other module sees, or only those that are named. */
    private static final Map<String, Set<String>> INSIDE = Map.of(
            "core", Set.of("natives"),
            "torch", Set.of("inference", "layers", "tensors", "weights"),
            "hub", Set.of("chat"),
            "data", Set.of("", "files", "json", "settings"),
            "lab", Set.of("engines"));

    /** What is tested is what is packed: an IDE and the quick test run put folders of classes in the place of jars. */
    private static ModuleFinder jars() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Path[] jars = Arrays.stream(path.split(File.pathSeparator))
                .filter(name -> name.endsWith(".jar") && !name.endsWith("-tests.jar"))
                .map(Path::of)
                .filter(Files::isRegularFile)
                .toArray(Path[]::new);
        return ModuleFinder.of(jars);
    }

    private static ModuleReference module(ModuleFinder jars, String library) {
        ModuleReference found = jars.find(ROOT + library).orElse(null);
        assumeTrue(found != null, "the libraries are folders of classes here, not jars");
        return found;
    }

    @ParameterizedTest
    @ValueSource(strings = {"core", "worlds", "methods", "torch", "hub", "data", "endpoint", "report", "lab"})
    void theDescriptorIsWholeAndTrue(String library) throws IOException {
        ModuleFinder jars = jars();
        ModuleReference jar = module(jars, library);
        ModuleDescriptor module = jar.descriptor();
        assertThat(module.isAutomatic()).as("only its name is stated").isFalse();
        Set<String> open = module.exports().stream()
                .filter(export -> !export.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> all = new TreeSet<>(module.packages());
        INSIDE.getOrDefault(library, Set.of())
                .forEach(inside -> all.remove(ROOT + library + (inside.isEmpty() ? "" : "." + inside)));
        all.removeIf(name -> isWithoutClasses(jar, name));
        assertThat(open).as("what is exported to all").isEqualTo(all);
        assertThat(provided(module))
                .as("the same services as on the class path")
                .isEqualTo(services(jar));
        for (String required : needed(module)) {
            assertThat(jars.find(required).isPresent()
                            || ModuleFinder.ofSystem().find(required).isPresent())
                    .as(required)
                    .isTrue();
        }
    }

    private static List<String> needed(ModuleDescriptor module) {
        return module.requires().stream()
                .filter(requires -> !requires.modifiers().contains(Requires.Modifier.STATIC))
                .map(Requires::name)
                .toList();
    }

    private static boolean isWithoutClasses(ModuleReference jar, String name) {
        String folder = name.replace('.', '/') + "/";
        try (ModuleReader reader = jar.open()) {
            return reader.list()
                    .noneMatch(entry -> entry.startsWith(folder)
                            && entry.indexOf('/', folder.length()) < 0
                            && entry.endsWith(".class")
                            && !entry.endsWith("package-info.class"));
        } catch (IOException e) {
            throw new IllegalStateException(name, e);
        }
    }

    private static Map<String, Set<String>> provided(ModuleDescriptor module) {
        Map<String, Set<String>> provided = new TreeMap<>();
        module.provides().forEach(provides -> provided.put(provides.service(), new TreeSet<>(provides.providers())));
        return provided;
    }

    private static Map<String, Set<String>> services(ModuleReference jar) throws IOException {
        String folder = "META-INF/services/";
        Map<String, Set<String>> services = new TreeMap<>();
        try (ModuleReader reader = jar.open()) {
            List<String> files = reader.list()
                    .filter(name -> name.startsWith(folder) && !name.endsWith("/"))
                    .toList();
            for (String file : files) {
                String text = new String(reader.open(file).orElseThrow().readAllBytes(), StandardCharsets.UTF_8);
                services.put(
                        file.substring(folder.length()),
                        text.lines().filter(line -> !line.isBlank()).collect(Collectors.toCollection(TreeSet::new)));
            }
        }
        return services;
    }
}
