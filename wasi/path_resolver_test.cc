#include "wasi/path_resolver.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/temporary_directory.h"

namespace wasmd::wasi {
namespace {

// Outside of `root` there is a file "secret"; nothing may open it.
class PathResolverTest : public ::testing::TestWithParam<PathResolver::Method> {
 protected:
  PathResolverTest() : resolver_(GetParam()) {
    outside_.MakeDirectory("root/dir/nested");
    outside_.MakeDirectory("rooted");  // a neighbour with a similar name
    outside_.WriteFile("secret", "secret");
    outside_.WriteFile("rooted/secret", "secret");
    outside_.WriteFile("root/file", "in root");
    outside_.WriteFile("root/dir/file", "in dir");
    outside_.WriteFile("root/dir/nested/file", "in nested");
    root_ = OwnedFd(::open(outside_.Path("root").c_str(),
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    EXPECT_TRUE(root_.is_open());
  }

  ErrnoOr<OwnedFd> Open(std::string_view path, int flags = O_RDONLY,
                        bool follow = true) {
    return resolver_.Open(root_.get(), path, flags, 0666, follow);
  }
  // What is in the file that the path opens.
  ErrnoOr<std::string> Contents(std::string_view path) {
    ASSIGN_OR_RETURN_ERRNO(const OwnedFd fd, Open(path));
    char text[64];
    const ssize_t size = ::read(fd.get(), text, sizeof(text));
    if (size < 0) return FromHostErrno(errno);
    return std::string(text, static_cast<size_t>(size));
  }
  void ExpectContents(std::string_view path, std::string_view expected) {
    const ErrnoOr<std::string> contents = Contents(path);
    ASSERT_TRUE(contents.ok()) << path << ": " << NameOf(contents.error());
    EXPECT_EQ(*contents, expected) << path;
  }

  TemporaryDirectory outside_;
  OwnedFd root_;
  PathResolver resolver_;
};

INSTANTIATE_TEST_SUITE_P(Methods, PathResolverTest,
                         ::testing::Values(PathResolver::Method::kKernel,
                                           PathResolver::Method::kWalk),
                         [](const auto& parameter) {
                           return parameter.param ==
                                          PathResolver::Method::kKernel
                                      ? "Kernel"
                                      : "Walk";
                         });

TEST_P(PathResolverTest, OpensWhatIsInside) {
  ExpectContents("file", "in root");
  ExpectContents("./file", "in root");
  ExpectContents("dir/nested/file", "in nested");
  ExpectContents("dir/.//nested/../../dir/nested/../nested///./file",
                 "in nested");
  ExpectContents("dir/../file", "in root");
  EXPECT_TRUE(Open(".").ok());
  EXPECT_TRUE(Open("dir/..").ok());
  EXPECT_TRUE(Open("dir/", O_RDONLY | O_DIRECTORY).ok());
  EXPECT_TRUE(Open("dir///").ok());
}

TEST_P(PathResolverTest, RefusesWhatIsNoPath) {
  EXPECT_ERRNO(Open(""), kNoent);
  EXPECT_ERRNO(Open(std::string_view("file\0", 5)), kInval);
  EXPECT_ERRNO(Open(std::string_view("\0file", 5)), kInval);
  EXPECT_ERRNO(Open(std::string(5000, 'a')), kNameTooLong);
  EXPECT_ERRNO(Open(std::string(300, 'a')), kNameTooLong);
}

TEST_P(PathResolverTest, RefusesWhatIsNotThere) {
  EXPECT_ERRNO(Open("absent"), kNoent);
  EXPECT_ERRNO(Open("absent/file"), kNoent);
  EXPECT_ERRNO(Open("file/below"), kNotdir);
  EXPECT_ERRNO(Open("file/"), kNotdir);
  EXPECT_ERRNO(Open("file///"), kNotdir);
  EXPECT_ERRNO(Open("file/."), kNotdir);
  EXPECT_ERRNO(Open("file/.."), kNotdir);
  EXPECT_ERRNO(Open("file", O_RDONLY | O_DIRECTORY), kNotdir);
  EXPECT_ERRNO(Open("dir", O_WRONLY), kIsdir);
}

TEST_P(PathResolverTest, RefusesPathsThatLeave) {
  for (const char* path :
       {"..", "../", "../.", "../secret", "../root/file", "dir/../../secret",
        "dir/nested/../../../root/file", "./../secret", "dir/./../..",
        "../rooted/secret", "/", "/etc/passwd", "//etc/passwd",
        "dir/../../../../../../../../etc/passwd"}) {
    EXPECT_ERRNO(Open(path), kNotCapable) << path;
    EXPECT_ERRNO(Open(path, O_PATH), kNotCapable) << path;
  }
  EXPECT_ERRNO(Open(outside_.Path("root/file")), kNotCapable);
}

TEST_P(PathResolverTest, FollowsLinksThatStay) {
  outside_.MakeLink("file", "root/link");
  outside_.MakeLink("../file", "root/dir/up");
  outside_.MakeLink("dir", "root/to_dir");
  outside_.MakeLink("../dir/nested", "root/dir/around");
  outside_.MakeLink("link", "root/link2");
  outside_.MakeLink("dir/", "root/with_slash");
  outside_.MakeLink(".", "root/self");
  ExpectContents("link", "in root");
  ExpectContents("link2", "in root");
  ExpectContents("dir/up", "in root");
  ExpectContents("to_dir/file", "in dir");
  ExpectContents("to_dir/../file", "in root");
  ExpectContents("dir/around/file", "in nested");
  ExpectContents("to_dir/around/../file", "in dir");
  ExpectContents("with_slash/file", "in dir");
  ExpectContents("self/self/self/file", "in root");
  EXPECT_TRUE(Open("to_dir/", O_RDONLY | O_DIRECTORY).ok());
  EXPECT_TRUE(Open("with_slash", O_RDONLY | O_DIRECTORY).ok());
  EXPECT_ERRNO(Open("link/"), kNotdir);
}

TEST_P(PathResolverTest, RefusesLinksThatLeave) {
  outside_.MakeLink("..", "root/up");
  outside_.MakeLink("../secret", "root/direct");
  outside_.MakeLink("dir/../../secret", "root/around");
  outside_.MakeLink("/", "root/absolute");
  outside_.MakeLink("/etc/passwd", "root/passwd");
  outside_.MakeLink(outside_.Path("root/file"), "root/absolute_inside");
  outside_.MakeLink("../../secret", "root/dir/two_up");
  outside_.MakeLink("up/secret", "root/chain");
  outside_.MakeLink("dir/two_up", "root/chain2");
  for (const char* path :
       {"up", "up/", "up/secret", "up/root/file", "direct", "around",
        "absolute", "absolute/etc/passwd", "passwd", "absolute_inside",
        "dir/two_up", "chain", "chain2", "up/..", "dir/../up"}) {
    EXPECT_ERRNO(Open(path), kNotCapable) << path;
    EXPECT_ERRNO(Open(path, O_PATH), kNotCapable) << path;
    EXPECT_ERRNO_2(Open(path, O_WRONLY | O_CREAT), kNotCapable, kIsdir) << path;
  }
}

TEST_P(PathResolverTest, NeverCreatesThroughALinkThatLeaves) {
  outside_.MakeLink("../made", "root/dangling");
  outside_.MakeLink("..", "root/up");
  EXPECT_ERRNO(Open("dangling", O_WRONLY | O_CREAT), kNotCapable);
  EXPECT_ERRNO(Open("up/made", O_WRONLY | O_CREAT), kNotCapable);
  EXPECT_ERRNO(Open("dangling", O_WRONLY | O_CREAT | O_EXCL), kExist);
  EXPECT_ERRNO(Open("dangling", O_WRONLY | O_CREAT, false), kLoop);
  EXPECT_FALSE(outside_.Exists("made"));
}

TEST_P(PathResolverTest, CreatesThroughALinkThatStays) {
  outside_.MakeLink("dir/made", "root/dangling");
  EXPECT_TRUE(Open("dangling", O_WRONLY | O_CREAT).ok());
  EXPECT_EQ(outside_.ReadFile("root/dir/made"), "");
}

TEST_P(PathResolverTest, Creates) {
  EXPECT_TRUE(Open("new", O_WRONLY | O_CREAT | O_EXCL).ok());
  EXPECT_ERRNO(Open("new", O_WRONLY | O_CREAT | O_EXCL), kExist);
  EXPECT_TRUE(Open("new", O_WRONLY | O_CREAT, false).ok());
  EXPECT_ERRNO(Open("new2/", O_WRONLY | O_CREAT), kIsdir);
  EXPECT_ERRNO(Open("absent/new", O_WRONLY | O_CREAT), kNoent);
  EXPECT_ERRNO(Open("absent/new/", O_WRONLY | O_CREAT), kNoent);
  EXPECT_ERRNO(Open(".", O_WRONLY | O_CREAT), kIsdir);
  EXPECT_ERRNO(Open("dir/..", O_WRONLY | O_CREAT), kIsdir);
  struct stat status;
  ASSERT_EQ(::stat(outside_.Path("root/new").c_str(), &status), 0);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  EXPECT_EQ(status.st_mode & 0777, 0666 & ~mask);
}

TEST_P(PathResolverTest, DoesNotFollowUnlessAsked) {
  outside_.MakeLink("file", "root/link");
  outside_.MakeLink("absent", "root/dangling");
  outside_.MakeLink("dir", "root/to_dir");
  EXPECT_ERRNO(Open("link", O_RDONLY, false), kLoop);
  EXPECT_ERRNO(Open("dangling", O_RDONLY, false), kLoop);
  EXPECT_ERRNO_2(Open("to_dir", O_RDONLY | O_DIRECTORY, false), kLoop, kNotdir);
  EXPECT_ERRNO(Open("dangling"), kNoent);
  // In front of the last component links are followed, and with a slash.
  EXPECT_TRUE(Open("to_dir/file", O_RDONLY, false).ok());
  EXPECT_TRUE(Open("to_dir/", O_RDONLY, false).ok());
  // The link itself.
  ASSERT_OK_ERRNO_AND_ASSIGN(const OwnedFd link, Open("link", O_PATH, false));
  struct stat status;
  ASSERT_EQ(::fstat(link.get(), &status), 0);
  EXPECT_TRUE(S_ISLNK(status.st_mode));
  ASSERT_OK_ERRNO_AND_ASSIGN(const OwnedFd file, Open("link", O_PATH, true));
  ASSERT_EQ(::fstat(file.get(), &status), 0);
  EXPECT_TRUE(S_ISREG(status.st_mode));
}

TEST_P(PathResolverTest, LoopsOfLinks) {
  outside_.MakeLink("loop", "root/loop");
  outside_.MakeLink("b", "root/a");
  outside_.MakeLink("a", "root/b");
  outside_.MakeLink("endless/x", "root/endless");
  EXPECT_ERRNO(Open("loop"), kLoop);
  EXPECT_ERRNO(Open("a"), kLoop);
  EXPECT_ERRNO(Open("a/file"), kLoop);
  EXPECT_ERRNO(Open("endless"), kLoop);
  EXPECT_ERRNO(Open("loop", O_WRONLY | O_CREAT), kLoop);
}

TEST_P(PathResolverTest, ManyLinksInARow) {
  outside_.MakeLink("file", "root/l0");
  for (int i = 1; i < 50; ++i) {
    outside_.MakeLink("l" + std::to_string(i - 1),
                      "root/l" + std::to_string(i));
  }
  ExpectContents("l39", "in root");  // 40 links, the kernel's limit
  EXPECT_ERRNO(Open("l40"), kLoop);
  EXPECT_ERRNO(Open("l49"), kLoop);
}

TEST_P(PathResolverTest, MagicLinksOfProc) {
  const OwnedFd proc(::open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_TRUE(proc.is_open());
  const OwnedFd outside(::open(outside_.Path("secret").c_str(), O_RDONLY));
  const std::string secret = "fd/" + std::to_string(outside.get());
  for (const std::string& path :
       {std::string("root/etc/passwd"), std::string("cwd/."),
        std::string("exe"), secret, std::string("root"), "task/../" + secret}) {
    const ErrnoOr<OwnedFd> opened =
        resolver_.Open(proc.get(), path, O_RDONLY, 0, true);
    EXPECT_ERRNO_2(opened, kLoop, kNotCapable) << path;
  }
}

TEST_P(PathResolverTest, AFifoDoesNotBlock) {
  ASSERT_EQ(::mkfifo(outside_.Path("root/fifo").c_str(), 0600), 0);
  EXPECT_TRUE(Open("fifo", O_RDONLY | O_NONBLOCK).ok());
  EXPECT_ERRNO(Open("fifo", O_WRONLY | O_NONBLOCK), kNxio);
}

TEST_P(PathResolverTest, DescriptorsAreNotInherited) {
  for (const int flags : {O_RDONLY, O_PATH}) {
    ASSERT_OK_ERRNO_AND_ASSIGN(const OwnedFd fd, Open("file", flags));
    EXPECT_EQ(::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  }
}

TEST_P(PathResolverTest, ParentAndName) {
  ASSERT_OK_ERRNO_AND_ASSIGN(
      const PathResolver::Parent file,
      resolver_.OpenParent(root_.get(), "dir/nested/new", false));
  EXPECT_EQ(file.name, "new");
  EXPECT_EQ(file.path, "dir/nested");
  EXPECT_FALSE(file.trailing_slash);
  EXPECT_FALSE(file.is_dot);
  EXPECT_EQ(file.NameAsGiven(), "new");
  EXPECT_EQ(::faccessat(file.directory.get(), "file", F_OK, 0), 0);

  ASSERT_OK_ERRNO_AND_ASSIGN(const PathResolver::Parent directory,
                             resolver_.OpenParent(root_.get(), "new//", false));
  EXPECT_EQ(directory.name, "new");
  EXPECT_EQ(directory.path, ".");
  EXPECT_TRUE(directory.trailing_slash);
  EXPECT_EQ(directory.NameAsGiven(), "new/");
}

TEST_P(PathResolverTest, ParentThatIsDot) {
  for (const char* path : {".", "dir/..", "dir/.", "dir/../", "./"}) {
    ASSERT_OK_ERRNO_AND_ASSIGN(const PathResolver::Parent parent,
                               resolver_.OpenParent(root_.get(), path, false));
    EXPECT_TRUE(parent.is_dot) << path;
  }
  EXPECT_ERRNO(resolver_.OpenParent(root_.get(), "..", false), kNotCapable);
  EXPECT_ERRNO(resolver_.OpenParent(root_.get(), "dir/../..", false),
               kNotCapable);
}

TEST_P(PathResolverTest, ParentsThatLeave) {
  outside_.MakeLink("..", "root/up");
  outside_.MakeLink("/", "root/absolute");
  for (const char* path :
       {"../x", "up/x", "absolute/x", "/x", "dir/../../x", "up/root/x"}) {
    for (const bool follow : {false, true}) {
      EXPECT_ERRNO(resolver_.OpenParent(root_.get(), path, follow), kNotCapable)
          << path;
    }
  }
  EXPECT_ERRNO(resolver_.OpenParent(root_.get(), "absent/x", false), kNoent);
  EXPECT_ERRNO(resolver_.OpenParent(root_.get(), "file/x", false), kNotdir);
}

TEST_P(PathResolverTest, ParentOfWhatALinkLeadsTo) {
  outside_.MakeLink("dir/link2", "root/link");
  outside_.MakeLink("nested/file", "root/dir/link2");
  outside_.MakeLink("../secret", "root/leaves");
  outside_.MakeLink("/etc", "root/absolute");
  outside_.MakeLink("loop", "root/loop");
  ASSERT_OK_ERRNO_AND_ASSIGN(const PathResolver::Parent followed,
                             resolver_.OpenParent(root_.get(), "link", true));
  EXPECT_EQ(followed.name, "file");
  EXPECT_EQ(::faccessat(followed.directory.get(), "file", F_OK, 0), 0);
  ASSERT_OK_ERRNO_AND_ASSIGN(const PathResolver::Parent itself,
                             resolver_.OpenParent(root_.get(), "link", false));
  EXPECT_EQ(itself.name, "link");
  EXPECT_ERRNO(resolver_.OpenParent(root_.get(), "leaves", true), kNotCapable);
  EXPECT_ERRNO(resolver_.OpenParent(root_.get(), "absolute", true),
               kNotCapable);
  EXPECT_ERRNO(resolver_.OpenParent(root_.get(), "loop", true), kLoop);
  // Without following they are names like others.
  EXPECT_TRUE(resolver_.OpenParent(root_.get(), "leaves", false).ok());
}

// Another thread keeps exchanging a directory for a link out of the root.
TEST_P(PathResolverTest, RacesDoNotLeadOut) {
  outside_.MakeDirectory("root/a/b");
  outside_.WriteFile("root/a/b/secret", "inside");
  outside_.MakeDirectory("b");
  outside_.WriteFile("b/secret", "secret");
  outside_.MakeLink("..", "root/link");
  std::atomic<bool> stop = false;
  std::thread attacker([&] {
    const std::string a = outside_.Path("root/a");
    const std::string link = outside_.Path("root/link");
    while (!stop) {
      ::syscall(SYS_renameat2, AT_FDCWD, a.c_str(), AT_FDCWD, link.c_str(),
                2 /* RENAME_EXCHANGE */);
    }
  });
  int opened = 0;
  for (int i = 0; i < 3000; ++i) {
    for (const char* path :
         {"a/b/secret", "a/b/../b/secret", "link/b/secret"}) {
      const ErrnoOr<std::string> contents = Contents(path);
      if (!contents.ok()) continue;
      ++opened;
      ASSERT_EQ(*contents, "inside") << path;
    }
    const ErrnoOr<PathResolver::Parent> parent =
        resolver_.OpenParent(root_.get(), "a/b/secret", false);
    if (!parent.ok()) continue;
    const OwnedFd file(
        ::openat(parent->directory.get(), "secret", O_RDONLY | O_NOFOLLOW));
    char text[8] = {};
    if (file.is_open() && ::read(file.get(), text, 6) == 6) {
      ASSERT_EQ(std::string_view(text), "inside");
    }
  }
  stop = true;
  attacker.join();
  EXPECT_GT(opened, 0);
}

TEST(PathResolverMethodTest, TheWalkCanBeForced) {
  EXPECT_EQ(PathResolver(PathResolver::Method::kWalk).method(),
            PathResolver::Method::kWalk);
}

TEST(ReadLinkTest, TellsWhatALinkSays) {
  const TemporaryDirectory directory;
  directory.MakeLink("some/text", "link");
  directory.WriteFile("file", "");
  const OwnedFd fd(::open(directory.path().c_str(), O_PATH | O_DIRECTORY));
  ASSERT_OK_ERRNO_AND_ASSIGN(const std::string text,
                             ReadLink(fd.get(), "link"));
  EXPECT_EQ(text, "some/text");
  EXPECT_ERRNO(ReadLink(fd.get(), "file"), kInval);
  EXPECT_ERRNO(ReadLink(fd.get(), "absent"), kNoent);
}

}  // namespace
}  // namespace wasmd::wasi
