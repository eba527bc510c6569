// Counts the words of every file of a directory and writes a table of the most
// frequent ones to a file in it, so that it can be killed between any two reads
// and writes.
//
//   wordcount DIRECTORY [RESULT]     (wasmd run --dir HOST::DIRECTORY ...)
//
// RESULT (default result.txt) is not itself counted.

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096
#define MAX_WORD 63
#define SHOWN 20

struct word {
  struct word* next;
  long count;
  char text[];
};

static struct word* buckets[BUCKETS];
static size_t distinct;

static void add(const char* text) {
  unsigned hash = 2166136261u;
  for (const char* c = text; *c != '\0'; ++c) {
    hash = (hash ^ (unsigned char)*c) * 16777619u;
  }
  struct word** at = &buckets[hash % BUCKETS];
  while (*at != NULL && strcmp((*at)->text, text) != 0) at = &(*at)->next;
  if (*at == NULL) {
    size_t size = strlen(text) + 1;
    *at = calloc(1, sizeof(struct word) + size);
    if (*at == NULL) {
      fputs("wordcount: out of memory\n", stderr);
      exit(1);
    }
    memcpy((*at)->text, text, size);
    ++distinct;
  }
  ++(*at)->count;
}

static long count_file(const char* path) {
  FILE* file = fopen(path, "r");
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  char word[MAX_WORD + 1];
  int length = 0;
  long words = 0;
  int c;
  do {
    c = fgetc(file);
    if (c != EOF && isalpha(c)) {
      if (length < MAX_WORD) word[length++] = (char)tolower(c);
    } else if (length > 0) {
      word[length] = '\0';
      length = 0;
      ++words;
      add(word);
    }
  } while (c != EOF);
  fclose(file);
  return words;
}

// Most frequent first; equals by their letters.
static int compare_words(const void* a, const void* b) {
  const struct word* x = *(const struct word* const*)a;
  const struct word* y = *(const struct word* const*)b;
  if (x->count != y->count) return x->count < y->count ? 1 : -1;
  return strcmp(x->text, y->text);
}

static int compare_names(const void* a, const void* b) {
  return strcmp(*(char* const*)a, *(char* const*)b);
}

static void write_result(const char* path, long words) {
  struct word** all = malloc((distinct + 1) * sizeof(struct word*));
  size_t n = 0;
  for (int i = 0; i < BUCKETS; ++i) {
    for (struct word* w = buckets[i]; w != NULL; w = w->next) all[n++] = w;
  }
  qsort(all, n, sizeof(struct word*), compare_words);
  FILE* file = fopen(path, "w");
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  // Line by line, so that the file grows in many steps.
  setvbuf(file, NULL, _IOLBF, 256);
  fprintf(file, "%ld words, %zu distinct\n", words, distinct);
  for (size_t i = 0; i < n && i < SHOWN; ++i) {
    fprintf(file, "%7ld %s\n", all[i]->count, all[i]->text);
  }
  fclose(file);
  free(all);
}

int main(int argc, char** argv) {
  if (argc < 2) {
    fputs("usage: wordcount DIRECTORY [RESULT]\n", stderr);
    return 2;
  }
  const char* result = argc > 2 ? argv[2] : "result.txt";
  DIR* directory = opendir(argv[1]);
  if (directory == NULL) {
    perror(argv[1]);
    return 1;
  }
  char* names[256];
  size_t name_count = 0;
  for (struct dirent* entry; (entry = readdir(directory)) != NULL;) {
    if (entry->d_name[0] == '.' || strcmp(entry->d_name, result) == 0) continue;
    if (name_count < 256) names[name_count++] = strdup(entry->d_name);
  }
  closedir(directory);
  qsort(names, name_count, sizeof(char*), compare_names);

  char path[1024];
  long words = 0;
  for (size_t i = 0; i < name_count; ++i) {
    snprintf(path, sizeof path, "%s/%s", argv[1], names[i]);
    long in_file = count_file(path);
    printf("%s: %ld words\n", names[i], in_file);
    fflush(stdout);
    words += in_file;
    free(names[i]);
  }
  snprintf(path, sizeof path, "%s/%s", argv[1], result);
  write_result(path, words);
  printf("%ld words in all; the table is in %s\n", words, result);
  return 0;
}
