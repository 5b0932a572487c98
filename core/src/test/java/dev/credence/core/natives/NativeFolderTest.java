package dev.credence.core.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFolderTest {
    @TempDir
    private Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, String> properties = new HashMap<>();

    @BeforeEach
    void onlyWherePermissionsAreKept() throws IOException {
        assumeTrue(Files.getFileStore(folder).supportsFileAttributeView("posix"));
        environment.put("XDG_CACHE_HOME", folder.resolve("cache").toString());
        properties.put("user.home", folder.resolve("home").toString());
        properties.put("java.io.tmpdir", folder.resolve("tmp").toString());
        properties.put("user.name", "an/na");
    }

    private Path chosen() {
        return NativeFolder.among(environment::get, properties::get);
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private Path opened(Path path, String permissions) throws IOException {
        Files.createDirectories(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        return path;
    }

    @Test
    void itIsTheUsersAloneAndThereAgain() throws IOException {
        Path first = chosen();
        assertThat(first).isEqualTo(folder.resolve("cache/credence/native"));
        assertThat(mode(first)).isEqualTo("rwx------");
        assertThat(chosen()).isEqualTo(first);
        assertThat(first).isEmptyDirectory();
    }

    @Test
    void anOlderFolderThatOthersCanOnlyReadIsClosed() throws IOException {
        Path old = opened(folder.resolve("cache/credence/native"), "rwxr-xr-x");
        assertThat(chosen()).isEqualTo(old);
        assertThat(mode(old)).isEqualTo("rwx------");
    }

    @Test
    void aFolderThatOthersCanWriteToIsPassedOver() throws IOException {
        opened(folder.resolve("cache/credence/native"), "rwxrwxrwx");
        assertThat(chosen()).isEqualTo(folder.resolve("home/.cache/credence/native"));
        opened(folder.resolve("home/.cache/credence/native"), "rwxrwx---");
        assertThat(chosen()).isEqualTo(folder.resolve("tmp/credence-native-an_na"));
    }

    @Test
    void aFolderThatOthersCanReplaceIsPassedOver() throws IOException {
        opened(folder.resolve("cache/credence"), "rwxrwxrwx");
        assertThat(chosen()).isEqualTo(folder.resolve("home/.cache/credence/native"));
    }

    @Test
    void aPlantedLinkIsNotFollowed() throws IOException {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Files.createDirectories(folder.resolve("cache/credence"));
        Files.createSymbolicLink(folder.resolve("cache/credence/native"), elsewhere);
        assertThat(chosen()).isEqualTo(folder.resolve("home/.cache/credence/native"));
        assertThat(elsewhere).isEmptyDirectory();
    }

    @Test
    void aUserWithoutAHomeHasAPrivateFolderAmongTheTemporaryFiles() throws IOException {
        environment.clear();
        properties.put("user.home", "?");
        properties.put("user.name", "?");
        assertThat(chosen()).isEqualTo(folder.resolve("tmp/credence-native-_"));
        assertThat(mode(chosen())).isEqualTo("rwx------");
    }

    @Test
    void withoutASafeFolderNothingIsLoaded() throws IOException {
        environment.clear();
        properties.put("user.home", "?");
        opened(folder.resolve("tmp/credence-native-an_na"), "rwxrwxrwx");
        assertThatThrownBy(this::chosen)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("others can write to it, and may have")
                .hasMessageEndingWith("set XDG_CACHE_HOME to a folder of your own");
    }

    @Test
    void whatALibraryLeftThatDidNotLoadIsRemovedAndNothingElse() throws IOException {
        String name = "credence" + UUID.randomUUID();
        Path before = Files.createFile(NativeFolder.temporary().resolve(name + "1.so"));
        Path other = Files.createFile(NativeFolder.temporary().resolve("other-" + name + ".so"));
        Path cut = NativeFolder.temporary().resolve(name + "2.so");
        try {
            Set<Path> lying = NativeFolder.unpacked(name);
            assertThat(lying).containsExactly(before);
            Files.createFile(cut);
            NativeFolder.removeUnpacked(name, lying);
            assertThat(before).exists();
            assertThat(other).exists();
            assertThat(cut).doesNotExist();
        } finally {
            Files.deleteIfExists(before);
            Files.deleteIfExists(other);
            Files.deleteIfExists(cut);
        }
    }
}
