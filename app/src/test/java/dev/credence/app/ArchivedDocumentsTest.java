package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a document in the archive leads to is in the archive too. */
class ArchivedDocumentsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]+)(?:#[^)]*)?\\)");
    private static final Pattern INCLUDED = Pattern.compile("<include>([^<]+)</include>");

    @Test
    void leadNowhereElse() throws IOException {
        Path assembly = ROOT.resolve("dist/src/assembly/archive.xml");
        assumeTrue(Files.exists(assembly), "no archive beside the modules");
        List<Path> files = new ArrayList<>();
        Matcher included = INCLUDED.matcher(Files.readString(assembly));
        while (included.find()) {
            files.add(ROOT.resolve(included.group(1)));
        }
        assertThat(files).contains(ROOT.resolve("README.md")).allMatch(Files::exists);
        try (Stream<Path> documents = Files.walk(ROOT.resolve("docs"))) { // all of it is packed
            documents.forEach(files::add);
        }
        List<String> lost = new ArrayList<>();
        int links = 0;
        for (Path file : files) {
            if (file.toString().endsWith(".md")) {
                Matcher link = LINK.matcher(Files.readString(file));
                while (link.find()) {
                    if (!link.group(1).contains(":")) {
                        links++;
                        Path there = file.resolveSibling(link.group(1)).normalize();
                        if (!files.contains(there)) {
                            lost.add(ROOT.relativize(file) + " leads to " + link.group(1));
                        }
                    }
                }
            }
        }
        assertThat(lost).isEmpty();
        assertThat(links).isGreaterThan(100);
    }
}
