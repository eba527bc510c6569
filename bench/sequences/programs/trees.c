// Balanced trees, tries, heaps of pointers, lists: code that follows pointers.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define NOINLINE __attribute__((noinline))
static uint32_t seed = 1;
static uint32_t Random(void) {
  seed = seed * 1103515245 + 12345;
  return seed >> 8;
}

typedef struct Avl {
  struct Avl *left, *right;
  int height, key, count;
} Avl;
static int Height(const Avl* t) { return t ? t->height : 0; }
static void Fix(Avl* t) {
  int l = Height(t->left), r = Height(t->right);
  t->height = (l > r ? l : r) + 1;
}
NOINLINE static Avl* Right(Avl* t) {
  Avl* l = t->left;
  t->left = l->right;
  l->right = t;
  Fix(t);
  Fix(l);
  return l;
}
NOINLINE static Avl* Left(Avl* t) {
  Avl* r = t->right;
  t->right = r->left;
  r->left = t;
  Fix(t);
  Fix(r);
  return r;
}
NOINLINE static Avl* Insert(Avl* t, int key) {
  if (!t) {
    t = calloc(1, sizeof *t);
    t->key = key;
    t->height = t->count = 1;
    return t;
  }
  if (key == t->key) {
    t->count++;
    return t;
  }
  if (key < t->key)
    t->left = Insert(t->left, key);
  else
    t->right = Insert(t->right, key);
  Fix(t);
  int balance = Height(t->left) - Height(t->right);
  if (balance > 1) {
    if (key > t->left->key) t->left = Left(t->left);
    return Right(t);
  }
  if (balance < -1) {
    if (key < t->right->key) t->right = Right(t->right);
    return Left(t);
  }
  return t;
}
NOINLINE static int Find(const Avl* t, int key) {
  int depth = 0;
  while (t && t->key != key) {
    t = key < t->key ? t->left : t->right;
    depth++;
  }
  return t ? depth : -depth;
}
NOINLINE static long Walk(const Avl* t) {
  return t ? Walk(t->left) * 3 + t->key + Walk(t->right) : 1;
}
NOINLINE static void Free(Avl* t) {
  if (t) {
    Free(t->left);
    Free(t->right);
    free(t);
  }
}

typedef struct Bst {
  struct Bst* child[2];
  uint32_t key;
} Bst;
NOINLINE static void Put(Bst** at, Bst* node) {
  while (*at) at = &(*at)->child[(*at)->key < node->key];
  *at = node;
}
NOINLINE static int Has(const Bst* t, uint32_t key) {
  while (t) {
    if (t->key == key) return 1;
    t = t->child[t->key < key];
  }
  return 0;
}

typedef struct Trie {
  struct Trie* next[26];
  int words;
} Trie;
NOINLINE static void AddWord(Trie* t, const char* w) {
  for (; *w; w++) {
    Trie** n = &t->next[*w - 'a'];
    if (!*n) *n = calloc(1, sizeof(Trie));
    t = *n;
  }
  t->words++;
}
NOINLINE static int CountPrefix(const Trie* t, const char* w) {
  for (; *w; w++) {
    t = t->next[*w - 'a'];
    if (!t) return 0;
  }
  int n = t->words;
  for (int i = 0; i < 26; i++)
    if (t->next[i]) n += t->next[i]->words;
  return n;
}

typedef struct Leftist {
  struct Leftist *left, *right;
  int rank, key;
} Leftist;
NOINLINE static Leftist* Meld(Leftist* a, Leftist* b) {
  if (!a) return b;
  if (!b) return a;
  if (b->key < a->key) {
    Leftist* t = a;
    a = b;
    b = t;
  }
  a->right = Meld(a->right, b);
  if (!a->left || a->left->rank < a->right->rank) {
    Leftist* t = a->left;
    a->left = a->right;
    a->right = t;
  }
  a->rank = a->right ? a->right->rank + 1 : 1;
  return a;
}

typedef struct Skip {
  struct Skip* next[8];
  int key;
} Skip;
NOINLINE static void SkipInsert(Skip* head, Skip* node, int key) {
  Skip* at = head;
  int levels = 1;
  while (levels < 8 && (Random() & 3) == 0) levels++;
  node->key = key;
  for (int i = 7; i >= 0; i--) {
    while (at->next[i] && at->next[i]->key < key) at = at->next[i];
    if (i < levels) {
      node->next[i] = at->next[i];
      at->next[i] = node;
    }
  }
}

typedef struct List {
  struct List* next;
  int value;
} List;
NOINLINE static List* MergeLists(List* a, List* b) {
  List head, *tail = &head;
  while (a && b) {
    if (a->value <= b->value) {
      tail->next = a;
      a = a->next;
    } else {
      tail->next = b;
      b = b->next;
    }
    tail = tail->next;
  }
  tail->next = a ? a : b;
  return head.next;
}
NOINLINE static List* SortList(List* l) {
  if (!l || !l->next) return l;
  List *slow = l, *fast = l->next;
  while (fast && fast->next) {
    slow = slow->next;
    fast = fast->next->next;
  }
  List* half = slow->next;
  slow->next = 0;
  return MergeLists(SortList(l), SortList(half));
}
NOINLINE static List* Reverse(List* l) {
  List* r = 0;
  while (l) {
    List* n = l->next;
    l->next = r;
    r = l;
    l = n;
  }
  return r;
}

// Josephus with a ring; a free list of blocks.
NOINLINE static int Josephus(int n, int k) {
  int* next = malloc(n * sizeof(int));
  for (int i = 0; i < n; i++) next[i] = (i + 1) % n;
  int at = n - 1;
  while (next[at] != at) {
    for (int i = 1; i < k; i++) at = next[at];
    next[at] = next[next[at]];
  }
  free(next);
  return at;
}
NOINLINE static uint32_t Allocate(int n) {
  void* p[64] = {0};
  uint32_t sum = 0;
  for (int i = 0; i < n; i++) {
    int at = Random() & 63;
    free(p[at]);
    size_t size = 8 + (Random() & 255);
    p[at] = malloc(size);
    memset(p[at], i, size);
    sum += *(uint8_t*)p[at];
  }
  for (int i = 0; i < 64; i++) free(p[i]);
  return sum;
}

int main(void) {
  long sum = 0;
  Avl* avl = 0;
  for (int i = 0; i < 20000; i++) avl = Insert(avl, Random() % 30000);
  for (int i = 0; i < 40000; i++) sum += Find(avl, Random() % 30000);
  sum += Walk(avl);
  Free(avl);
  Bst *root = 0, *nodes = calloc(20000, sizeof(Bst));
  for (int i = 0; i < 20000; i++) {
    nodes[i].key = Random();
    Put(&root, nodes + i);
  }
  for (int i = 0; i < 40000; i++) sum += Has(root, Random());
  Trie* trie = calloc(1, sizeof(Trie));
  for (int i = 0; i < 20000; i++) {
    char w[8];
    int n = 1 + Random() % 6;
    for (int j = 0; j < n; j++) w[j] = 'a' + Random() % 7;
    w[n] = 0;
    AddWord(trie, w);
    sum += CountPrefix(trie, w);
  }
  Leftist *heap = 0, *pool = calloc(20000, sizeof(Leftist));
  for (int i = 0; i < 20000; i++) {
    pool[i].key = Random();
    pool[i].rank = 1;
    heap = Meld(heap, pool + i);
  }
  while (heap) {
    sum = sum * 5 + heap->key;
    heap = Meld(heap->left, heap->right);
  }
  Skip head = {{0}}, *skips = calloc(10000, sizeof(Skip));
  for (int i = 0; i < 10000; i++) SkipInsert(&head, skips + i, Random());
  List *list = calloc(20000, sizeof(List)), *l = 0;
  for (int i = 0; i < 20000; i++) {
    list[i].value = Random();
    list[i].next = l;
    l = list + i;
  }
  for (int i = 0; i < 4; i++) l = Reverse(SortList(l));
  printf("%ld %d %d %u\n", sum, l->value, Josephus(30000, 7), Allocate(60000));
}
